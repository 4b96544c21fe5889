/**
 * Methods of spans, side by side: whatever a library calls, a span of an action ends up as one of OpenTelemetry's own SDK
 * would, but for the differences that are listed here.
 */
import { type Attributes, type Span, SpanKind, type SpanOptions, SpanStatusCode, trace } from "@opentelemetry/api";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { makeFunctionReference } from "convex/server";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isAiContent } from "../../../src/adapters/convex/server/aiContent.js";
import type { InstrumentConvexOptions } from "../../../src/adapters/convex/server/index.js";
import { ownApp } from "./ownApp.js";

/** What is compared, in one form. */
interface Shape {
  readonly name: string;
  readonly kind: string;
  readonly start: number;
  readonly end: number;
  readonly attributes: Attributes;
  readonly events: readonly unknown[];
  readonly links: readonly unknown[];
  readonly status: { readonly code: number; readonly message?: string };
}

type Program = (span: Span) => void;

const KINDS = ["internal", "server", "client", "producer", "consumer"];
const millis = ([seconds, nanos]: readonly [number, number]): number => seconds * 1000 + nanos / 1e6;
const withoutNull = (attributes: object = {}): object =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]: [string, unknown]) => [
      name,
      Array.isArray(value) ? value.filter((item) => item !== null && item !== undefined) : value,
    ]),
  );

function bySdk(name: string, options: SpanOptions, program: Program): Shape {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const span = provider.getTracer("lib").startSpan(name, options);
  program(span);
  span.end(END);
  const [made] = exporter.getFinishedSpans();
  if (made === undefined) return expect.fail("the SDK made no span");
  return {
    name: made.name,
    kind: KINDS[made.kind] ?? "?",
    start: millis(made.startTime),
    end: millis(made.endTime),
    attributes: withoutNull(made.attributes) as Attributes,
    events: made.events.map((event) => [event.name, withoutNull(event.attributes), millis(event.time)]),
    links: made.links.map((link) => [
      link.context.spanId,
      link.context.traceState?.serialize(),
      withoutNull(link.attributes),
    ]),
    status: { code: made.status.code, ...(made.status.message === undefined ? {} : { message: made.status.message }) },
  };
}

async function byRecorder(name: string, options: SpanOptions, program: Program, own: InstrumentConvexOptions = {}) {
  const { t, exporter } = ownApp(
    (otel) => ({
      run: otel.action({
        handler: async () => {
          const span = trace.getTracer("lib").startSpan(name, options);
          program(span);
          span.end(END);
        },
      }),
    }),
    own,
  );
  await t.action(makeFunctionReference<"action">("own:run"), {});
  const made = exporter.spans[1];
  if (made === undefined) return expect.fail("the recorder made no span");
  const shape: Shape = {
    name: made.name,
    kind: made.kind,
    start: made.startTime,
    end: made.endTime,
    attributes: made.attributes as Attributes,
    events: made.events.map((event) => [event.name, event.attributes, event.time]),
    links: made.links.map((link) => [link.context.spanId, link.context.traceState, link.attributes]),
    status: made.status,
  };
  return shape;
}

const START = 1_700_000_000_000;
const END = START + 500;
const LINK = { traceId: "4bf92f3577b34da6a3ce929d0e0e4736", spanId: "00f067aa0ba902b7", traceFlags: 1 };

const cases: [name: string, program: Program, options?: SpanOptions][] = [
  [
    "attributes of every kind",
    (s) => s.setAttributes({ s: "x", n: 1.5, b: false, empty: "", list: ["a", null, "b"], none: [] }),
  ],
  ["attributes that replace others", (s) => s.setAttribute("a", 1).setAttribute("a", 2)],
  ["no value", (s) => s.setAttribute("a", null as never).setAttributes({ b: undefined })],
  ["values that are none", (s) => s.setAttributes({ o: {} as never, f: (() => 1) as never, mixed: [1, "a"] as never })],
  ["attributes and kind at the start", () => undefined, { attributes: { a: 1 }, kind: SpanKind.CLIENT }],
  ["a start as a date", () => undefined, { startTime: new Date(START + 7) }],
  ["a start as a pair", () => undefined, { startTime: [1_700_000_000, 250_000_000] }],
  ["an event", (s) => s.addEvent("e", { a: 1 }, START + 3)],
  ["an event with a time only", (s) => s.addEvent("e", new Date(START + 3)).addEvent("f", [1_700_000_001, 5e6])],
  ["links", (s) => s.addLink({ context: LINK, attributes: { a: 1 } }).addLinks([{ context: LINK }])],
  ["links at the start", () => undefined, { links: [{ context: LINK, attributes: { a: 1 } }] }],
  ["an error status", (s) => s.setStatus({ code: SpanStatusCode.ERROR, message: "bad" })],
  ["an error status without a message", (s) => s.setStatus({ code: SpanStatusCode.ERROR })],
  [
    "ok, which is final",
    (s) => s.setStatus({ code: SpanStatusCode.OK }).setStatus({ code: SpanStatusCode.ERROR, message: "no" }),
  ],
  [
    "an error, then ok",
    (s) => s.setStatus({ code: SpanStatusCode.ERROR, message: "bad" }).setStatus({ code: SpanStatusCode.OK }),
  ],
  [
    "unset, which takes nothing back",
    (s) => s.setStatus({ code: SpanStatusCode.ERROR, message: "bad" }).setStatus({ code: SpanStatusCode.UNSET }),
  ],
  ["a new name", (s) => s.updateName("renamed")],
  ["an exception", (s) => s.recordException({ name: "TypeError", message: "m", stack: "s" }, START + 1)],
  ["an end before the start", (s) => s.end(START - 100)],
  [
    "a second end, and calls after the end",
    (s) => {
      s.end(START + 20);
      s.setAttribute("late", 1)
        .addEvent("late")
        .addLink({ context: LINK })
        .updateName("late")
        .setStatus({ code: SpanStatusCode.ERROR });
      s.end(START + 40);
    },
  ],
];

/** A call of a method with arguments of some kind. */
function calls<T>(args: fc.Arbitrary<T>, call: (span: Span, given: T) => unknown): fc.Arbitrary<Program> {
  return args.map((given) => (span) => void call(span, given));
}

describe("a span ends up as the SDK's would", () => {
  it.each(cases)("%s", async (...[, program, options = {}]) => {
    const from = { startTime: START, ...options };
    expect(await byRecorder("span", from, program)).toEqual(bySdk("span", from, program));
  });

  it("whatever is called, in whatever order", async () => {
    const value = fc.oneof(
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      fc.array(fc.string()),
    );
    const attributes = fc.dictionary(fc.constantFrom("a", "b", "c.d"), value);
    const time = fc.integer({ min: START, max: END });
    const message = fc.string({ minLength: 1 });
    const code = fc.constantFrom(SpanStatusCode.UNSET, SpanStatusCode.OK, SpanStatusCode.ERROR);
    const step: fc.Arbitrary<Program> = fc.oneof(
      calls(attributes, (span, given) => span.setAttributes(given)),
      calls(fc.tuple(message, value), (span, [name, given]) => span.setAttribute(name, given)),
      calls(fc.tuple(attributes, time), (span, [given, at]) => span.addEvent("event", given, at)),
      calls(attributes, (span, given) => span.addLink({ context: LINK, attributes: given })),
      calls(fc.record({ code, message }), (span, given) => span.setStatus(given)),
      calls(message, (span, name) => span.updateName(name)),
      calls(time, (span, at) => span.end(at)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const program: Program = (span) => steps.forEach((run) => run(span));
        const options = { startTime: START };
        expect(await byRecorder("span", options, program)).toEqual(bySdk("span", options, program));
      }),
      { numRuns: 60, seed: 4 },
    );
  });
});

describe("what differs from the SDK", () => {
  it("bigint and bytes are kept", async () => {
    const program: Program = (s) => s.setAttributes({ big: 2n ** 60n, bytes: new Uint8Array([1]) } as never);
    expect((await byRecorder("span", {}, program)).attributes).toEqual({ big: 2n ** 60n, bytes: new Uint8Array([1]) });
  });

  it("a thrown text has a type as well", async () => {
    const { events } = await byRecorder("span", {}, (s) => s.recordException("text", START));
    expect(events).toEqual([["exception", { "exception.type": "string", "exception.message": "text" }, START]]);
  });

  it("an empty name is replaced: a backend may refuse all spans of a request for it", async () => {
    const { name, events } = await byRecorder("span", {}, (s) => s.updateName("").addEvent("", {}, START));
    expect([name, events]).toEqual(["(string)", [["(string)", {}, START]]]);
  });

  it("links to nothing are left out", async () => {
    const none = { traceId: "0".repeat(32), spanId: "0".repeat(16), traceFlags: 0 };
    expect((await byRecorder("span", {}, (s) => s.addLink({ context: none }))).links).toEqual([]);
  });
});

const CONTENT = `
ai.prompt ai.prompt.messages ai.prompt.tools ai.prompt.toolChoice ai.response.text ai.response.object ai.response.toolCalls
ai.response.reasoning ai.response.files ai.response.providerMetadata ai.result.text ai.result.object ai.toolCall.args
ai.toolCall.result ai.value ai.values ai.embedding ai.embeddings ai.documents ai.request.headers.authorization
gen_ai.prompt gen_ai.prompt.0.content gen_ai.completion.0.role gen_ai.input.messages gen_ai.output.messages
gen_ai.system_instructions gen_ai.tool.call.arguments gen_ai.tool.call.result gen_ai.tool.definitions gen_ai.event.content
llm.input_messages.0.message.content llm.output_messages llm.prompts llm.completions.0.text input.value output.value
embedding.text retrieval.documents.0.document.content traceloop.entity.input traceloop.entity.output
langfuse.observation.input langfuse.trace.output`;

const NO_CONTENT = `
ai.model.id ai.model.provider ai.operationId ai.settings.maxRetries ai.telemetry.functionId ai.telemetry.metadata.user
ai.response.finishReason ai.response.id ai.response.model ai.response.msToFinish ai.toolCall.name ai.toolCall.id
ai.usage.inputTokens ai.usage.totalTokens ai.schema.name ai.stream.msToFirstChunk gen_ai.system gen_ai.request.model
gen_ai.output.type gen_ai.response.id gen_ai.response.finish_reasons gen_ai.usage.input_tokens gen_ai.tool.name
gen_ai.tool.call.id gen_ai.conversation.id input.mime_type llm.model_name llm.token_count.prompt operation.name
http.request.method db.query.text ai`;

const names = (text: string): string[] => text.trim().split(/\s+/);

describe("content of model calls", () => {
  it.each(names(CONTENT))("%s is content", (name) => expect(isAiContent(name)).toBe(true));
  it.each(names(NO_CONTENT))("%s is not", (name) => expect(isAiContent(name)).toBe(false));

  const told: Program = (s) => {
    s.setAttribute("ai.prompt", "secret").setAttributes({ "gen_ai.input.messages": "secret", "ai.model.id": "m" });
    s.addEvent("gen_ai.user.message", { content: "secret" }, START).addEvent(
      "gen_ai.choice",
      { message: "secret" },
      START,
    );
    s.addEvent("other", { content: "mine", "gen_ai.event.content": "secret" }, START);
    s.addLink({ context: LINK, attributes: { "input.value": "secret" } });
    const quoted =
      'Invalid input for tool t: JSON parsing failed: Text: secret.\nError message: "secret" is not valid JSON';
    s.recordException({ name: "E", message: quoted, stack: `E: ${quoted}\n    at f (a.js:1:1)` }, START);
    s.setStatus({
      code: SpanStatusCode.ERROR,
      message: 'Type validation failed: Value: {"a":"secret"}.\nError message: secret',
    });
  };

  it("is left out wherever it may stand", async () => {
    const options = { startTime: START, attributes: { "ai.values": ["secret"], kept: 1 } };
    const shape = await byRecorder("span", options, told);
    expect(JSON.stringify(shape)).not.toContain("secret");
    expect(shape).toMatchObject({
      attributes: { kept: 1, "ai.model.id": "m" },
      events: [
        ["gen_ai.user.message", {}, START],
        ["gen_ai.choice", {}, START],
        ["other", { content: "mine" }, START],
        [
          "exception",
          {
            "exception.message": "Invalid input for tool t: JSON parsing failed: Text: [removed]",
            "exception.stacktrace":
              "E: Invalid input for tool t: JSON parsing failed: Text: [removed]\n    at f (a.js:1:1)",
          },
          START,
        ],
      ],
      status: { code: 2, message: "Type validation failed: Value: [removed]" },
    });
  });

  it("is recorded if the app says so; what errors quote still is not", async () => {
    const shape = await byRecorder("span", { startTime: START }, told, { aiContent: "record" });
    expect(shape).toMatchObject({
      attributes: { "ai.prompt": "secret", "gen_ai.input.messages": "secret" },
      events: [
        ["gen_ai.user.message", { content: "secret" }, START],
        ["gen_ai.choice", { message: "secret" }, START],
        {},
        {},
      ],
      status: { message: "Type validation failed: Value: [removed]" },
    });
  });

  it("takes only the values that are allowed", () => {
    expect(() => ownApp(() => ({}), { aiContent: true as never })).toThrow(
      /"aiContent".*got true; allowed: "omit" or "record"/,
    );
  });
});
