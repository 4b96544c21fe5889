/**
 * Lets libraries that trace through `@opentelemetry/api`, such as the AI SDK, join the calls of actions.
 *
 * The API finds its provider in one property of the global object. Here that property answers by who asks: within a
 * traced action it is this library, everywhere else whatever is registered, as if this library were not there. So parallel
 * calls of one process are told apart by the context store, a provider can be registered before and after, and queries and
 * mutations never see anything.
 *
 * Loaded with `import()` when an action or HTTP action runs: no other function should pay for evaluating it.
 */
import { activeContext } from "../../../core/context.js";
import type { Diagnostics } from "../../../core/ports.js";
import { aiContentOf } from "./aiContent.js";
import type { BegunCall } from "./beginCall.js";
import { otelContexts } from "./otelContexts.js";
import { otelPropagation } from "./otelPropagation.js";
import { otelTracers } from "./otelTracers.js";
import { callRandom } from "./platform.js";
import { reasonOf } from "./reasonOf.js";
import { sampledReport } from "./sampledReport.js";

/** The contract between versions of the API (`api/src/internal/global-utils.ts`). */
const API = Symbol.for("opentelemetry.js.api.1");

const REFUSED =
  "@opentelemetry/api does not take a provider, meter or logger while a recorded action runs: " +
  "register it when the module loads, or inside suppressTracing().";

interface OtelGlobal {
  readonly trace?: unknown;
}

/** Lets libraries join a call. Never throws: where the API's place cannot be taken, they stay apart and the call runs. */
export function joinOtelApi({ call, incoming: { config } }: BegunCall): void {
  try {
    answerInCalls(isIsolate(), config.report);
    call.aiContent = aiContentOf(config);
  } catch (thrown) {
    const message = `Libraries do not join: ${reasonOf(thrown)}`;
    sampledReport(config.report, callRandom())({ level: "warn", code: "interop.not_joined", message });
  }
}

/** Whether this is Convex's own runtime, not Node (`"use node"`, or a test). */
function isIsolate(): boolean {
  try {
    return typeof process.versions.node !== "string";
  } catch {
    return true;
  }
}

/**
 * Makes the property, once. `recorderWins` where a registered provider is no use: in Convex's own runtime, which forbids
 * what the SDK does. On Node it is left alone.
 */
function answerInCalls(recorderWins: boolean, report: Diagnostics): void {
  if (Object.getOwnPropertyDescriptor(globalThis, API)?.get !== undefined) return;
  let registered = (globalThis as { [API]?: OtelGlobal })[API];
  // A library accepts a version of its own major that is not older than itself.
  const ours = { version: "1.99.0", trace: otelTracers(), context: otelContexts(), propagation: otelPropagation() };
  Object.defineProperty(globalThis, API, {
    configurable: true,
    get() {
      if (!isJoined() || (!recorderWins && registered?.trace !== undefined)) return registered;
      // Loggers and meters are nobody's business here. A new object each time: the API's `disable()` deletes from it.
      return { ...registered, ...ours };
    },
    set(value: OtelGlobal | undefined) {
      if (value?.trace !== ours.trace) registered = value;
      // Who registers something within a call writes back what was read; the API then refuses, for the version differs.
      else report({ level: "warn", code: "interop.not_registered", message: REFUSED });
    },
  });
}

/** Whether the running code is part of a call that libraries join. Where tracing is suppressed there is nothing to join. */
function isJoined(): boolean {
  const context = activeContext();
  return context?.call.aiContent !== undefined && (context.span ?? context.otel) !== undefined;
}
