/** What is registered with `@opentelemetry/api`, by whomever, and registering what is ours. */
import { context, propagation, type TextMapPropagator, trace, type TracerProvider } from "@opentelemetry/api";
import { API } from "../core/otelGlobal.js";
import { AsyncContexts } from "./asyncContexts.js";

/** The parts of the API's global, which it sets only when something is registered. */
type Part = "trace" | "context" | "propagation";

/** Whether somebody has registered a part. */
export function isRegistered(part: Part): boolean {
  const api: unknown = Reflect.get(globalThis, API);
  return Reflect.get(Object(api), part) !== undefined;
}

/** A provider of somebody else, as far as it can be asked. */
export interface ForeignProvider {
  readonly name: string;
  forceFlush(): Promise<void>;
}

/** The registered provider. */
export function foreignProvider(): ForeignProvider {
  const proxy = trace.getTracerProvider() as TracerProvider & { getDelegate?: () => TracerProvider };
  const provider = proxy.getDelegate?.() ?? proxy;
  return {
    name: provider.constructor?.name ?? "a provider",
    async forceFlush() {
      const flush: unknown = Reflect.get(provider, "forceFlush");
      if (typeof flush === "function") await Reflect.apply(flush, provider, []);
    },
  };
}

/** Registers what carries context: each part where there is none yet. Returns what undoes it. */
export function registerContext(propagator: TextMapPropagator | undefined): () => void {
  const undo: (() => void)[] = [];
  if (!isRegistered("context")) {
    context.setGlobalContextManager(new AsyncContexts());
    undo.push(() => context.disable());
  }
  if (propagator !== undefined && !isRegistered("propagation")) {
    propagation.setGlobalPropagator(propagator);
    undo.push(() => propagation.disable());
  }
  return () => undo.forEach((step) => step());
}
