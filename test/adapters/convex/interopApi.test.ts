/** Code that uses `@opentelemetry/api` in an action: its spans and contexts are those of `withSpan`, and the other way round. */
import {
  type Context,
  context,
  createContextKey,
  INVALID_SPAN_CONTEXT,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  trace,
} from "@opentelemetry/api";
import { suppressTracing as suppressOtel, W3CTraceContextPropagator } from "@opentelemetry/core";
import { makeFunctionReference } from "convex/server";
import { describe, expect, it } from "vitest";
import { getActiveSpan, injectCarrier, startSpan, suppressTracing, withSpan } from "../../../src/index.js";
import type { InstrumentConvexOptions } from "../../../src/adapters/convex/server/index.js";
import { spanTree } from "../../../src/testing/index.js";
import { ownApp } from "./ownApp.js";

const remote = {
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  traceFlags: 1,
  isRemote: true,
};

/** Runs code as the handler of an action. */
async function inAction(handler: () => unknown, options: InstrumentConvexOptions = {}, args = {}) {
  const app = ownApp(
    (otel) => ({ run: otel.internalAction({ handler: async () => void (await handler()) }) }),
    options,
  );
  await app.t.action(makeFunctionReference<"action">("own:run"), args);
  return { ...app, tree: `\n${spanTree(app.exporter.spans, { events: true, allowRemoteParents: [remote.spanId] })}\n` };
}

const tracer = () => trace.getTracer("lib", "2.0.0");
const active = (name: string, fn: (span: Span) => unknown, from?: Context) =>
  tracer().startActiveSpan(name, {}, from ?? context.active(), async (span) => {
    await fn(span);
    span.end();
  });

describe("spans", () => {
  it("nest with withSpan both ways, across awaits and in parallel", async () => {
    const { tree } = await inAction(async () => {
      const branch = (name: string) =>
        active(`${name} theirs`, async () => {
          await Promise.resolve();
          await withSpan(`${name} ours`, async () => {
            await Promise.resolve();
            await active(`${name} theirs again`, () => startSpan(`${name} ours again`).end());
          });
        });
      await Promise.all([branch("a"), branch("b")]);
      tracer().startSpan("sibling").end();
    });
    expect(tree).toBe(`
own:run [server]
├─ a theirs
│  └─ a ours
│     └─ a theirs again
│        └─ a ours again
├─ b theirs
│  └─ b ours
│     └─ b theirs again
│        └─ b ours again
└─ sibling
`);
  });

  it("are the active span, the same object for everybody who asks", async () => {
    const seen: boolean[] = [];
    await inAction(async () => {
      await active("theirs", (span) => {
        seen.push(trace.getActiveSpan() === span, trace.getSpan(context.active()) === span);
        seen.push(getActiveSpan()?.spanContext().spanId === span.spanContext().spanId);
      });
      withSpan("ours", (span) => {
        seen.push(trace.getActiveSpan()?.spanContext().spanId === span.spanContext().spanId);
        seen.push(trace.getActiveSpan() === trace.getActiveSpan());
      });
    });
    expect(seen).toEqual([true, true, true, true, true]);
  });

  it("can be annotated by whoever finds them active, and be parents of ours", async () => {
    const { exporter } = await inAction(() => {
      withSpan("ours", () => trace.getActiveSpan()?.setAttribute("from.them", [1, null, 2]).addEvent("seen"));
      const parent = tracer().startSpan("theirs");
      withSpan("child", { parent: parent as never }, () => undefined);
      parent.end();
    });
    expect(`\n${spanTree(exporter.spans, { events: true, attributes: ["from.them"] })}\n`).toBe(`
own:run [server]
├─ ours {from.them=[1,2]}
│    * seen
└─ theirs
   └─ child
`);
  });

  it("take kind, attributes, links and times", async () => {
    const { exporter } = await inAction(() => {
      const first = tracer().startSpan("first", { kind: SpanKind.PRODUCER });
      const links = [
        { context: first.spanContext(), attributes: { why: "because" } },
        { context: { ...remote, traceState: new W3CTraceContextPropagatorState("a=1") } },
        { context: INVALID_SPAN_CONTEXT },
      ];
      const startTime = new Date(5_000);
      const second = tracer().startSpan("second", { kind: SpanKind.CONSUMER, links, attributes: { n: 1 }, startTime });
      second.addLink({ context: remote }).end([6, 500_000_000]);
      first.end();
    });
    const [, first, second] = exporter.spans;
    expect([first?.kind, second?.kind, second?.startTime, second?.endTime]).toEqual([
      "producer",
      "consumer",
      5000,
      6500,
    ]);
    expect(
      second?.links.map(({ context: { spanId, traceState }, attributes }) => [spanId, traceState, attributes]),
    ).toEqual([
      [first?.spanId, undefined, { why: "because" }],
      [remote.spanId, "a=1", {}],
      [remote.spanId, undefined, {}],
    ]);
  });
});

describe("times", () => {
  it("that count from the start of the process are those of the call", async () => {
    const before = Date.now();
    const { exporter } = await inAction(async () => {
      const span = tracer().startSpan("timed", { startTime: performance.now() });
      await new Promise((resolve) => setTimeout(resolve, 5));
      span.addEvent("event", performance.now()).addEvent("other", { a: 1 }, performance.now()).end(performance.now());
    });
    const [, span] = exporter.spans;
    const { startTime = 0, endTime = 0, events = [] } = span ?? {};
    expect([startTime >= before - 1, endTime >= startTime + 4, endTime <= Date.now() + 1]).toEqual([true, true, true]);
    expect(events.map(({ time }) => time > startTime && time <= endTime)).toEqual([true, true]);
  });
});

/** A trace state as the API has it. */
class W3CTraceContextPropagatorState {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  serialize(): string {
    return this.#text;
  }
  get(): undefined {
    return undefined;
  }
  set(): this {
    return this;
  }
  unset(): this {
    return this;
  }
}

describe("contexts", () => {
  it("name parents, whichever span is active", async () => {
    const { tree } = await inAction(async () => {
      const parent = tracer().startSpan("parent");
      const inParent = trace.setSpan(context.active(), parent);
      await withSpan("elsewhere", async () => {
        tracer().startSpan("explicit", {}, inParent).end();
        await active("explicit and active", () => withSpan("ours", () => undefined), inParent);
        await context.with(inParent, async () => {
          await Promise.resolve();
          withSpan("ours in with", () => tracer().startSpan("theirs in with").end());
        });
        const bound = context.bind(inParent, () => tracer().startSpan("bound").end());
        bound();
      });
      parent.end();
    });
    expect(tree).toBe(`
own:run [server]
├─ parent
│  ├─ explicit
│  ├─ explicit and active
│  │  └─ ours
│  ├─ ours in with
│  │  └─ theirs in with
│  └─ bound
└─ elsewhere
`);
  });

  it("keep their values through withSpan, and are what context.with was given", async () => {
    const key = createContextKey("user");
    const seen: unknown[] = [];
    await inAction(async () => {
      const given = context.active().setValue(key, "ada");
      await context.with(given, async () => {
        seen.push(context.active() === given);
        await withSpan("ours", async () => {
          await Promise.resolve();
          seen.push(context.active().getValue(key), trace.getActiveSpan() === undefined);
        });
      });
      seen.push(context.active().getValue(key));
      const told = function (this: string, a: number) {
        return [String(this), a];
      };
      seen.push(context.with(given, told, "this", 1));
      seen.push(context.bind(given, "no function"));
    });
    expect(seen).toEqual([true, "ada", false, undefined, ["this", 1], "no function"]);
  });

  it("without a span mean the function's own: a call is one trace", async () => {
    const { tree } = await inAction(() =>
      withSpan("elsewhere", () => {
        tracer().startSpan("in the root context", {}, ROOT_CONTEXT).end();
        tracer().startSpan("root", { root: true }).end();
        tracer().startSpan("without", {}, trace.deleteSpan(context.active())).end();
        tracer().startSpan("invalid", {}, trace.setSpanContext(ROOT_CONTEXT, INVALID_SPAN_CONTEXT)).end();
        context.with(ROOT_CONTEXT, () => {
          expect([trace.getActiveSpan(), context.active() === ROOT_CONTEXT]).toEqual([undefined, true]);
          withSpan("ours", () => undefined);
        });
      }),
    );
    expect(tree).toBe(`
own:run [server]
├─ elsewhere
│  └─ invalid
├─ in the root context
├─ root
├─ without
└─ ours
`);
  });

  it("with somebody else's span mean the active one, linked to that", async () => {
    const { exporter } = await inAction(() =>
      withSpan("elsewhere", () => {
        const foreign = trace.setSpanContext(context.active(), remote);
        tracer().startSpan("continued", {}, foreign).end();
        context.with(foreign, () => {
          expect(trace.getActiveSpan()?.spanContext()).toEqual(remote);
          withSpan("ours", () => undefined);
        });
      }),
    );
    expect(`\n${spanTree(exporter.spans)}\n`).toBe(`
own:run [server]
└─ elsewhere
   ├─ continued
   │    ~ link to ${remote.traceId.slice(0, 8)}/${remote.spanId.slice(0, 8)}
   └─ ours
`);
  });

  it("suppress tracing for everybody, as our own suppression does", async () => {
    const { tree } = await inAction(async () => {
      const spans: ({ isRecording(): boolean } | undefined)[] = [];
      context.with(suppressOtel(context.active()), () => {
        spans.push(tracer().startSpan("theirs"), startSpan("ours"));
        suppressTracing(() => spans.push(tracer().startSpan("both")));
      });
      spans.push(tracer().startSpan("explicit", {}, suppressOtel(context.active())));
      context.with(context.active(), () => suppressTracing(() => spans.push(tracer().startSpan("within"))));
      suppressTracing(() => spans.push(tracer().startSpan("theirs"), trace.getActiveSpan()));
      expect(spans.map((span) => span?.isRecording() ?? false)).toEqual([
        false,
        false,
        false,
        false,
        false,
        false,
        false,
      ]);
      tracer().startSpan("after").end();
    });
    expect(tree).toBe(`
own:run [server]
└─ after
`);
  });
});

describe("propagation", () => {
  it("injects the active span, and no baggage", async () => {
    const carriers: Record<string, string>[] = [];
    const spanContext = { ...remote, traceState: "vendor=1" };
    const args = {
      _otel: { traceparent: `00-${spanContext.traceId}-${spanContext.spanId}-01`, tracestate: "vendor=1" },
    };
    await inAction(
      () =>
        active("theirs", (span) => {
          const [ours, w3c, none]: Record<string, string>[] = [{}, {}, {}];
          propagation.inject(context.active(), ours);
          new W3CTraceContextPropagator().inject(context.active(), w3c, {
            set: (into, key, value) => (into[key] = value),
          });
          propagation.inject(ROOT_CONTEXT, none);
          carriers.push(ours!, w3c!, none!, {
            traceparent: injectCarrier().traceparent!,
            id: span.spanContext().spanId,
          });
        }),
      {},
      args,
    );
    const [ours, w3c, none, expected] = carriers;
    expect(ours).toEqual({ traceparent: `00-${remote.traceId}-${expected?.["id"]}-01`, tracestate: "vendor=1" });
    expect([w3c, none, expected?.["traceparent"]]).toEqual([ours, {}, ours?.["traceparent"]]);
    expect(propagation.fields()).toEqual([]);
  });
});

describe("beside and after a call", () => {
  it("two calls of one process do not mix", async () => {
    const waiting: (() => void)[] = [];
    const together = () =>
      new Promise<void>((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 2) for (const go of waiting.splice(0)) go();
      });
    const { t, exporter } = ownApp((otel) => ({
      run: otel.action({
        handler: async (_ctx, { name }: { name: string }) => {
          await together();
          await active(`${name} theirs`, async () => {
            await together();
            await withSpan(`${name} ours`, together);
            tracer().startSpan(`${name} leaf`).end();
          });
        },
      }),
    }));
    const run = makeFunctionReference<"action">("own:run");
    await Promise.all([t.action(run, { name: "a" }), t.action(run, { name: "b" })]);
    const tree = (name: string) => `own:run [server]\n└─ ${name} theirs\n   ├─ ${name} ours\n   └─ ${name} leaf`;
    expect(spanTree(exporter.spans).split("\n\n").sort()).toEqual([tree("a"), tree("b")]);
  });

  it("nothing of it is there", async () => {
    let kept: { tracer: ReturnType<typeof tracer>; span: Span } | undefined;
    const early = tracer();
    const { exporter } = await inAction(() => {
      early.startSpan("made before").end();
      kept = { tracer: tracer(), span: tracer().startSpan("kept") };
    });
    const before = exporter.spans.length;
    kept?.span.setAttribute("late", 1).end();
    const late = kept?.tracer.startSpan("late");
    const result = kept?.tracer.startActiveSpan("late", (span) => [span.isRecording(), trace.getActiveSpan()]);
    expect([kept?.span.isRecording(), late?.isRecording(), late?.spanContext(), result]).toEqual([
      false,
      false,
      INVALID_SPAN_CONTEXT,
      [false, undefined],
    ]);
    expect(tracer().startSpan("outside").isRecording()).toBe(false);
    expect([context.active() === ROOT_CONTEXT, exporter.spans.length]).toEqual([true, before]);
    expect(`\n${spanTree(exporter.spans)}\n`).toBe("\nown:run [server]\n└─ kept\n");
  });
});

describe("what holds for our own spans", () => {
  it("holds for theirs: limits, redaction, the share of traces", async () => {
    const redact: InstrumentConvexOptions["redact"] = (name, value) => (name === "secret" ? undefined : value);
    const limits = { spanCount: 3, attributeValueLength: 3 };
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`many.${index}`, index]));
    const { exporter } = await inAction(
      () => {
        for (const name of ["one", "two", "three"]) {
          tracer()
            .startSpan(name, { attributes: { secret: "s", text: "abcdef", ...many } })
            .end();
        }
      },
      { limits, redact },
    );
    expect(
      exporter.spans.map(({ name, attributes, droppedAttributesCount: dropped }) => [
        name,
        attributes["text"],
        dropped,
      ]),
    ).toEqual([
      ["own:run", undefined, 0],
      ["one", "abc", 74],
      ["two", "abc", 74],
    ]);
    expect(exporter.spans[0]?.attributes["convex.telemetry.dropped_spans"]).toBe(1);
    const recording: boolean[] = [];
    const unsampled = await inAction(() => active("theirs", (span) => recording.push(span.isRecording())), {
      sampling: 0,
    });
    expect([recording, unsampled.exporter.spans]).toEqual([[false], []]);
  });

  it("holds for theirs: nothing of the calling code can make them throw", async () => {
    const hostile = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error("no");
        },
      },
    );
    const { tree } = await inAction(() => {
      const span = tracer().startSpan("theirs", {
        attributes: hostile,
        links: [undefined] as never,
        kind: 99 as never,
      });
      span
        .setAttributes(undefined as never)
        .addEvent(undefined as never, hostile)
        .addLinks(undefined as never);
      span.setStatus({ code: 7 as never, message: 1 as never }).recordException(undefined as never);
      span.updateName(3 as never).end("never" as never);
      expect(tracer().startActiveSpan("no function", undefined as never)).toBe(undefined);
    });
    expect(tree).toBe(`
own:run [server]
└─ (number)
     * (undefined)
     * exception
`);
  });
});
