/**
 * The service that the W3C suites call over HTTP, as a function: it continues the trace of the request, or starts one,
 * and answers with the headers it would send on.
 */
import { extractHeaders, injectHeaders, RANDOM, SAMPLED, type HeaderSource } from "../../src/propagation/index.js";

/** A header field of a request. */
export type Field = [name: string, value: string];

/** What a request that the service sends says about its trace. */
export interface Sent {
  readonly traceId: string;
  readonly parentId: string;
  readonly flags: number;
  /** Members of the `tracestate` in their order. */
  readonly tracestate: ReadonlyMap<string, string>;
}

/** The ways in which a platform may hand request headers to us. Whitespace reaches us only where a platform leaves it. */
export const platforms: [name: string, toSource: (fields: Field[]) => HeaderSource][] = [
  ["pairs", (fields) => fields],
  ["fetch Headers", toHeaders],
  ["Node record", toRecord],
];

function toHeaders(fields: Field[]): Headers {
  const headers = new Headers();
  for (const [name, value] of fields) headers.append(name, value);
  return headers;
}

/** Lower-case names and repeated fields joined, as in Node's `IncomingMessage.headers`. */
function toRecord(fields: Field[]): Record<string, string> {
  const record: Record<string, string> = {};
  for (const [name, value] of fields) {
    const key = name.toLowerCase();
    record[key] = record[key] === undefined ? value : `${record[key]}, ${value}`;
  }
  return record;
}

/** Makes a service of its own ids. The ids of the suites never collide with these. */
export function createService(): (source: HeaderSource) => Sent {
  let lastId = 0;
  const nextId = (length: number): string => `f${(++lastId).toString(16).padStart(length - 1, "0")}`;
  return (source) => {
    const { spanContext } = extractHeaders(source);
    const root = { traceId: nextId(32), traceFlags: SAMPLED | RANDOM };
    return read(injectHeaders(new Headers(), { spanContext: { ...(spanContext ?? root), spanId: nextId(16) } }));
  };
}

function read(headers: Headers): Sent {
  const match = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(headers.get("traceparent") ?? "");
  if (match === null) throw new Error(`No valid traceparent was sent: ${headers.get("traceparent")}`);
  const [, traceId = "", parentId = "", flags = ""] = match;
  const members = (headers.get("tracestate") ?? "").split(",").filter((member) => member !== "");
  const tracestate = new Map(
    members.map((member) => [member.split("=")[0] ?? "", member.slice(member.indexOf("=") + 1)]),
  );
  if (tracestate.size !== members.length) throw new Error(`A key was sent twice: ${headers.get("tracestate")}`);
  return { traceId, parentId, flags: Number.parseInt(flags, 16), tracestate };
}
