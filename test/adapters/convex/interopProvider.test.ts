/**
 * Providers that the app registers with `@opentelemetry/api`: on Node one is adopted and never replaced, whether it is there
 * before or comes later; in Convex's own runtime the recorder wins. And setting up twice is harmless.
 */
import { context, diag, type DiagLogger, DiagLogLevel, metrics, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { makeFunctionReference } from "convex/server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { suppressTracing, withSpan } from "../../../src/index.js";
import type { InstrumentConvexOptions } from "../../../src/adapters/convex/server/index.js";
import { spanTree } from "../../../src/testing/index.js";
import { ownApp } from "./ownApp.js";

const API = Symbol.for("opentelemetry.js.api.1");

const run = makeFunctionReference<"action">("own:run");

/** An app whose action records a span through the API and one of ours, and what the app's own provider got. */
function app(handler: () => unknown = () => undefined, options: InstrumentConvexOptions = {}) {
  const define: Parameters<typeof ownApp>[0] = (otel) => ({
    run: otel.action({
      handler: async () => {
        await handler();
        await trace.getTracer("lib").startActiveSpan("theirs", async (span) => {
          await withSpan("ours", async () => Promise.resolve());
          span.end();
        });
      },
    }),
  });
  const { t, exporter } = ownApp(define, options);
  let before = 0;
  const tree = () => spanTree(exporter.spans.slice(before, (before = exporter.spans.length)));
  return { call: () => t.action(run, {}), tree };
}

function provider() {
  const exporter = new InMemorySpanExporter();
  const made = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  return { made, names: () => exporter.getFinishedSpans().map(({ name }) => name) };
}

const JOINED = "own:run [server]\n└─ theirs\n   └─ ours";
const APART = "own:run [server]\n└─ ours";

const complaints: unknown[] = [];
const complain = (...args: unknown[]) => void complaints.push(args);

beforeEach(() => {
  Reflect.deleteProperty(globalThis, API);
  complaints.length = 0;
  for (const level of ["log", "info", "warn", "error", "debug"] as const) {
    vi.spyOn(console, level).mockImplementation(complain);
  }
});

afterEach(() => {
  vi.restoreAllMocks();
  for (const api of [trace, context, propagation, metrics, diag]) api.disable();
  Reflect.deleteProperty(globalThis, API);
  expect(complaints).toEqual([]);
});

describe("on Node", () => {
  it("a provider that is there is adopted: libraries go on using it, and spans of ours are recorded as always", async () => {
    const { made, names } = provider();
    expect(trace.setGlobalTracerProvider(made)).toBe(true);
    expect(context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())).toBe(true);
    const { call, tree } = app();
    await call();
    expect([tree(), names()]).toEqual([APART, ["theirs"]]);
    expect(trace.getTracer("lib").startSpan("outside").isRecording()).toBe(true);
    await call();
    expect([tree(), names()]).toEqual([APART, ["theirs", "theirs"]]);
  });

  it("a provider that comes later is adopted too, and libraries join again when it is gone", async () => {
    const { call, tree } = app();
    await call();
    expect(tree()).toBe(JOINED);
    const { made, names } = provider();
    const early = trace.getTracer("early");
    expect(trace.setGlobalTracerProvider(made)).toBe(true);
    early.startSpan("made before").end();
    await call();
    expect([tree(), names()]).toEqual([APART, ["made before", "theirs"]]);
    trace.disable();
    await call();
    expect([tree(), names()]).toEqual([JOINED, ["made before", "theirs"]]);
  });

  it("loggers and meters that are registered stay so, within calls as well", async () => {
    const logger: DiagLogger = { error: complain, warn: complain, info: complain, debug: vi.fn(), verbose: vi.fn() };
    expect(diag.setLogger(logger, { logLevel: DiagLogLevel.ALL })).toBe(true);
    const meters = { getMeter: () => metrics.getMeter("noop") };
    expect(metrics.setGlobalMeterProvider(meters)).toBe(true);
    const seen: unknown[] = [];
    const { call, tree } = app(() => {
      seen.push(metrics.getMeterProvider());
      diag.debug("within");
    });
    await call();
    expect([tree(), seen[0] === meters, metrics.getMeterProvider() === meters]).toEqual([JOINED, true, true]);
    expect(logger.debug).toHaveBeenLastCalledWith("within");
  });

  it("one that is registered while an action runs is refused by the API, which is reported, unless tracing is suppressed there", async () => {
    const { made, names } = provider();
    const results: boolean[] = [];
    const reports: string[] = [];
    const register = () => {
      results.push(trace.setGlobalTracerProvider(made));
      results.push(suppressTracing(() => trace.setGlobalTracerProvider(made)));
    };
    const { call, tree } = app(register, { diagnostics: ({ code }) => void reports.push(code) });
    await call();
    expect([results, tree(), names()]).toEqual([[false, true], APART, ["theirs"]]);
    expect(reports).toEqual(["interop.not_registered"]);
  });
});

describe("in Convex's own runtime", () => {
  it("the recorder wins: a provider that works with timers would end the function there", async () => {
    const { getBuiltinModule } = process;
    vi.stubGlobal("process", { env: process.env, getBuiltinModule });
    const { made, names } = provider();
    trace.setGlobalTracerProvider(made);
    const { call, tree } = app();
    await call();
    vi.unstubAllGlobals();
    expect([tree(), names()]).toEqual([JOINED, []]);
    trace.getTracer("lib").startSpan("outside").end();
    expect(names()).toEqual(["outside"]);
  });
});

describe("setting up twice", () => {
  it("in one module is harmless", async () => {
    const [first, second] = [app(), app()];
    await Promise.all([first.call(), second.call(), first.call()]);
    expect([first.tree(), second.tree()]).toEqual([`${JOINED}\n\n${JOINED}`, JOINED]);
  });

  it("survives that somebody disables the API within a call", async () => {
    const { call, tree } = app(() => [trace, context, propagation].forEach((api) => api.disable()));
    await call();
    expect(tree()).toBe(JOINED);
  });

  it("leaves one property behind, which says nothing outside of calls", async () => {
    const { call } = app();
    await call();
    const property = Object.getOwnPropertyDescriptor(globalThis, API);
    await call();
    expect(Object.getOwnPropertyDescriptor(globalThis, API)).toEqual(property);
    expect([Reflect.get(globalThis, API), Object.keys(globalThis).includes(String(API))]).toEqual([undefined, false]);
    propagation.inject(context.active(), {}, { set: () => expect.fail("nothing to inject") });
  });

  it("with two copies of the package is harmless: each records its own calls", async () => {
    const one = app();
    await one.call();
    vi.resetModules();
    const copiedApp = await import("./ownApp.js");
    const { t, exporter } = copiedApp.ownApp((otel) => ({
      run: otel.action({
        handler: async () => {
          // `withSpan` of the first copy, the call of the second.
          await trace.getTracer("lib").startActiveSpan("theirs", async (span) => {
            await withSpan("ours", async () => Promise.resolve());
            span.end();
          });
        },
      }),
    }));
    await t.action(run, {});
    expect([one.tree(), spanTree(exporter.spans)]).toEqual([JOINED, JOINED]);
  });
});
