/**
 * A small OTLP/JSON reader for tests, written from trace.proto and the JSON mapping, not from the encoder. It is strict:
 * what a receiver may refuse throws here.
 */
import type { AttributeValue, SpanKind, SpanRecord } from "../../src/core/types.js";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type JsonObject = { [key: string]: Json };

const KINDS: readonly (SpanKind | undefined)[] = [undefined, "internal", "server", "client", "producer", "consumer"];

/** What stands in one element of `resourceSpans`. */
export interface Decoded {
  readonly resource: Record<string, AttributeValue>;
  readonly scope: JsonObject;
  readonly schemaUrls: readonly Json[];
  readonly spans: readonly DecodedSpan[];
}

/** A span as it was sent; times are whole nanoseconds. */
export type DecodedSpan = Omit<SpanRecord, "startTime" | "endTime" | "events" | "links" | "parentIsRemote"> & {
  readonly flags: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly events: readonly { name: string; time: bigint; attributes: object; dropped: number }[];
  readonly links: readonly {
    traceId: string;
    spanId: string;
    flags: number;
    traceState: string | undefined;
    attributes: object;
    dropped: number;
  }[];
};

export function decode(text: string): Decoded {
  const element = object(JSON.parse(text) as Json);
  const [scopeSpans, ...others] = list(element["scopeSpans"]).map(object);
  if (scopeSpans === undefined || others.length > 0) throw new Error("expected one scope");
  return {
    resource: attributes(object(element["resource"])["attributes"]),
    scope: object(scopeSpans["scope"]),
    schemaUrls: [element["schemaUrl"] ?? null, scopeSpans["schemaUrl"] ?? null],
    spans: list(scopeSpans["spans"]).map(decodeSpan),
  };
}

function decodeSpan(json: Json): DecodedSpan {
  const span = object(json);
  const status = object(span["status"] ?? {});
  const code = number(status["code"] ?? 0);
  if (code !== 0 && code !== 1 && code !== 2) throw new Error(`status ${code}`);
  const kind = KINDS[number(span["kind"])];
  if (kind === undefined) throw new Error(`kind ${JSON.stringify(span["kind"])}`);
  const flags = number(span["flags"]);
  return {
    name: string(span["name"]),
    kind,
    traceId: hex(span["traceId"], 32),
    spanId: hex(span["spanId"], 16),
    ...(span["parentSpanId"] === undefined ? {} : { parentSpanId: hex(span["parentSpanId"], 16) }),
    ...(span["traceState"] === undefined ? {} : { traceState: string(span["traceState"]) }),
    flags,
    traceFlags: flags & 0xff,
    start: nanos(span["startTimeUnixNano"]),
    end: nanos(span["endTimeUnixNano"]),
    attributes: attributes(span["attributes"]),
    status: { code, ...(status["message"] === undefined ? {} : { message: string(status["message"]) }) },
    events: list(span["events"] ?? [])
      .map(object)
      .map((event) => ({
        name: string(event["name"]),
        time: nanos(event["timeUnixNano"]),
        attributes: attributes(event["attributes"]),
        dropped: number(event["droppedAttributesCount"] ?? 0),
      })),
    links: list(span["links"] ?? [])
      .map(object)
      .map((link) => ({
        traceId: hex(link["traceId"], 32),
        spanId: hex(link["spanId"], 16),
        flags: number(link["flags"] ?? 0),
        traceState: link["traceState"] === undefined ? undefined : string(link["traceState"]),
        attributes: attributes(link["attributes"]),
        dropped: number(link["droppedAttributesCount"] ?? 0),
      })),
    droppedAttributesCount: number(span["droppedAttributesCount"] ?? 0),
    droppedEventsCount: number(span["droppedEventsCount"] ?? 0),
    droppedLinksCount: number(span["droppedLinksCount"] ?? 0),
  };
}

/** Attributes by name. 64-bit integers come back as bigint, so that the test sees which form was sent. */
export function attributes(json: Json | undefined): Record<string, AttributeValue> {
  const entries = list(json ?? []).map((item): [string, AttributeValue] => {
    const pair = object(item);
    return [string(pair["key"]), anyValue(pair["value"] ?? null) as AttributeValue];
  });
  if (new Set(entries.map(([key]) => key)).size !== entries.length) throw new Error("duplicate attribute");
  return Object.fromEntries(entries);
}

function anyValue(json: Json): unknown {
  const [[kind, value] = ["nothing", null], ...others] = Object.entries(object(json));
  if (others.length > 0) throw new Error("more than one value");
  switch (kind) {
    case "stringValue":
      return string(value);
    case "boolValue":
      if (typeof value !== "boolean") throw new Error("boolValue");
      return value;
    case "intValue":
      return int64(value);
    case "doubleValue":
      return double(value);
    case "bytesValue":
      return new Uint8Array(Buffer.from(string(value), "base64"));
    case "arrayValue":
      return list(object(value)["values"]).map(anyValue);
    default:
      throw new Error(`AnyValue ${kind}`);
  }
}

function int64(json: Json): bigint {
  const value = BigInt(/^-?(0|[1-9]\d*)$/.exec(string(json))?.[0] ?? "not an integer");
  if (BigInt.asIntN(64, value) !== value) throw new Error("out of range");
  return value;
}

function double(json: Json): number {
  if (typeof json === "number") return json;
  const special = { NaN: NaN, Infinity: Infinity, "-Infinity": -Infinity }[string(json)];
  if (special === undefined) throw new Error("doubleValue");
  return special;
}

function nanos(json: Json | undefined): bigint {
  const value = BigInt(/^(0|[1-9]\d*)$/.exec(string(json))?.[0] ?? "not a time");
  if (BigInt.asUintN(64, value) !== value) throw new Error("out of range");
  return value;
}

function hex(json: Json | undefined, digits: number): string {
  const text = string(json);
  if (!/^[0-9a-f]+$/.test(text) || text.length !== digits) throw new Error(`id ${text}`);
  return text;
}

function string(json: Json | undefined): string {
  if (typeof json !== "string") throw new Error(`not a string: ${JSON.stringify(json)}`);
  if (Buffer.from(json, "utf8").toString("utf8") !== json) throw new Error("not valid UTF-8");
  return json;
}

function number(json: Json | undefined): number {
  if (typeof json !== "number" || !Number.isInteger(json) || json < 0 || json > 0xffffffff) throw new Error("uint32");
  return json;
}

function list(json: Json | undefined): Json[] {
  if (!Array.isArray(json)) throw new Error("not an array");
  return json;
}

function object(json: Json | undefined): JsonObject {
  if (typeof json !== "object" || json === null || Array.isArray(json)) throw new Error("not an object");
  return json;
}
