/// <reference types="vite/client" />
/**
 * What a test needs to run an app that uses the component: `convex-otel/test`. Shipped as source, because the list of modules is made by
 * the test runner (`import.meta.glob`).
 */
import type { GenericSchema, SchemaDefinition } from "convex/server";
import schema from "./component/schema.js";

const modules = import.meta.glob("./component/**/*.ts");

/** The part of convex-test that is used. */
export interface ComponentRegistry {
  registerComponent(
    path: string,
    schema: SchemaDefinition<GenericSchema, boolean>,
    modules: Record<string, () => Promise<unknown>>,
  ): void;
}

/**
 * Registers the component with an app of convex-test. Without it the component counts as not installed: spans leave as they do
 * without the option `outbox`.
 *
 * @param t - what `convexTest` returned
 * @param name - the name that the app uses it by
 * @example
 * ```ts
 * import { convexTest } from "convex-test";
 * import { register } from "convex-otel/test";
 * import schema from "./schema";
 *
 * const t = convexTest(schema, import.meta.glob("./**\/*.ts"));
 * register(t);
 * ```
 */
export function register(t: ComponentRegistry, name = "otel"): void {
  t.registerComponent(name, schema, modules);
}
