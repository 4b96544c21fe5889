/** Apps on plain convex-test, in the realm of the test, with an exporter in memory. */
import { convexTest } from "convex-test";
import { type MockInstance, vi } from "vitest";
import { memoryExporter } from "../../../../src/testing/index.js";
import { consoleText } from "../../../../src/testing/strict/consoleText.js";
import { buildApp } from "../apps/app.js";
import { schema } from "../apps/schema.js";
import { toResult } from "./backend.js";
import type { AppToRun, Conditions, RunningApp } from "./start.js";

export function runOnConvexTest(app: AppToRun): RunningApp {
  const giveBack = take(app.conditions.lacking);
  const memory = memoryExporter();
  const build = ({ app: definition, options }: AppToRun) => buildApp(definition, memory, options);
  let built = build(app);
  const modules = {
    "./convex/_generated/api.js": async () => ({}),
    "./convex/otel.ts": async () => ({ deliver: built.deliver }),
    [`./convex/${app.app.module}.ts`]: async () => built.functions,
    "./convex/http.ts": async () => ({ default: built.http }),
  };
  const { transactionLimits = false } = app.conditions;
  const printed = watchConsole();
  return {
    t: convexTest({ schema, modules, transactionLimits }),
    exporter: {
      get spans() {
        return memory.spans;
      },
      get batches() {
        return memory.batches.map(({ spans }) => spans);
      },
      clear: () => memory.clear(),
      respondWith: (script) => memory.respondWith((batch) => toResult(script(), batch)),
    },
    lines: (level) => printed[level].mock.calls.map(consoleText),
    deploy: async (next) => void (built = build(next)),
    close: async () => giveBack(),
  };
}

// Silent: convex-test prints the failures of jobs, and functions what their test reads here.
function watchConsole(): Readonly<Record<"DEBUG" | "LOG", MockInstance<(...args: unknown[]) => void>>> {
  const silence = (method: "debug" | "error" | "log" | "warn") =>
    vi.spyOn(console, method).mockImplementation(() => {});
  silence("error");
  silence("warn");
  return { DEBUG: silence("debug"), LOG: silence("log") };
}

const CONTEXT_STORE = Symbol.for("convex-otel.context.v1");

/** Takes from this realm what an older backend lacks. */
function take(lacking: Conditions["lacking"]): () => void {
  if (lacking === "performance") vi.stubGlobal("performance", undefined);
  if (lacking !== "asyncLocalStorage") return () => undefined;
  const store: unknown = Reflect.get(globalThis, CONTEXT_STORE);
  Reflect.deleteProperty(globalThis, CONTEXT_STORE);
  vi.spyOn(process, "getBuiltinModule").mockImplementation(() => {
    throw new Error("not in this runtime");
  });
  return () => void Reflect.set(globalThis, CONTEXT_STORE, store);
}
