/**
 * The two recorders of this library, as a program sees them and as a backend does: the same code runs in a Convex call and on a
 * server, and all that is compared is what an OTLP receiver got.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Redact } from "../../src/core/attributes.js";
import { asyncContextStore, installContextStore } from "../../src/core/context.js";
import { DEFAULT_LIMITS, type SpanLimits } from "../../src/core/limits.js";
import { Recorder } from "../../src/core/recorder.js";
import { type Attributes, withSpan } from "../../src/index.js";
import { registerNode } from "../../src/node/index.js";
import { encodeSpans } from "../../src/otlp/encode.js";
import { otlp } from "../../src/otlp/index.js";
import { SCOPE_NAME, VERSION } from "../../src/semconv/version.js";
import { type DecodedSpan, startOtlpReceiver } from "../../src/testing/index.js";

/** How a program is recorded. */
export interface Conditions {
  readonly limits?: Partial<SpanLimits>;
  readonly redact?: Redact;
}

/** Runs a program below a span named "entry" and returns all spans as they arrived, in order of their start. */
export type RunRecorded = (program: () => unknown, conditions: Conditions) => Promise<readonly DecodedSpan[]>;

const noEnv = (): undefined => undefined;

async function received(send: (endpoint: string) => Promise<void>): Promise<readonly DecodedSpan[]> {
  // The SDK's exporter writes numbers where this library's writes strings; both are OTLP.
  const receiver = await startOtlpReceiver({ validation: "interoperable" });
  try {
    await send(receiver.tracesUrl);
    const problems = receiver.requests.flatMap(({ problem }) => problem ?? []);
    if (problems.length > 0) throw new Error(problems.join("\n"));
    return receiver.spans;
  } finally {
    await receiver.close();
  }
}

/** In a Convex call: recorded in memory, encoded once, sent by this library. */
const inConvex: RunRecorded = (program, { limits, redact }) =>
  received(async (endpoint) => {
    let seed = 1;
    const recorder = new Recorder("entry", {
      clock: { now: () => performance.timeOrigin + performance.now() },
      random: { uint32: () => (seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0) },
      limits: { ...DEFAULT_LIMITS, ...limits },
      redact,
    });
    const store = installContextStore(() => asyncContextStore(new AsyncLocalStorage()));
    const call = { hops: 0, rootStartTime: 0, correlationId: undefined };
    await store.run({ span: recorder.entry, call }, () => settled(program));
    const scope = { name: SCOPE_NAME, version: VERSION };
    const { text } = encodeSpans(recorder.finish(), { resource: { attributes: {} }, scope });
    await otlp({ endpoint }).send([text], { env: noEnv });
  });

/** On a server: recorded one by one, encoded when they end, sent in requests. */
const onNode: RunRecorded = (program, conditions) =>
  received(async (endpoint) => {
    const tracing = registerNode({ ...conditions, exporter: otlp({ endpoint }), exitSignals: [] });
    await withSpan("entry", () => settled(program));
    await tracing.shutdown();
  });

/** A program that throws is one of the things to record. */
async function settled(program: () => unknown): Promise<void> {
  try {
    await program();
  } catch {
    return;
  }
}

export const RECORDERS = { convex: inConvex, node: onNode } as const;

/** What is compared of a span; what is empty is left out. */
export function essence(span: DecodedSpan): Record<string, unknown> {
  const all = {
    name: span.name,
    kind: span.kind === "internal" ? undefined : span.kind,
    attributes: unlessEmpty(span.attributes),
    events: unlessEmpty(
      span.events.map(({ name, attributes, droppedAttributesCount }) =>
        known({
          name,
          attributes: unlessEmpty(withoutStack(attributes)),
          dropped: droppedAttributesCount || undefined,
        }),
      ),
    ),
    links: unlessEmpty(
      span.links.map(({ context, attributes, droppedAttributesCount }) =>
        known({
          spanId: context.spanId,
          traceState: context.traceState,
          attributes: unlessEmpty(attributes),
          dropped: droppedAttributesCount || undefined,
        }),
      ),
    ),
    status: span.status.code === 0 ? undefined : span.status,
    droppedAttributes: span.droppedAttributesCount || undefined,
    droppedEvents: span.droppedEventsCount || undefined,
    droppedLinks: span.droppedLinksCount || undefined,
  };
  return known(all);
}

function known(members: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function unlessEmpty<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}

/** A stack has file names of the machine: it is there, or not. */
function withoutStack({ "exception.stacktrace": stack, ...rest }: Attributes): Attributes {
  return stack === undefined ? rest : { ...rest, "has stack": true };
}
