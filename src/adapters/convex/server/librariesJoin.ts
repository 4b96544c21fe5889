/** Loads what lets libraries join a call, where they may: in actions that are recorded. No other call should pay for it. */
import type { BegunCall } from "./beginCall.js";

let join: ((begun: BegunCall) => void) | undefined;

/**
 * Lets libraries that use `@opentelemetry/api` join a call.
 *
 * @returns a promise while it is loading: the handler has to wait, since it may use such a library at once. In Convex that is
 * at the start of every action; a process that serves many calls has it from the second on.
 */
export function librariesJoin(begun: BegunCall): Promise<void> | undefined {
  if (begun.incoming.shape.type === "mutation" || begun.call.recorder === undefined) return undefined;
  if (join !== undefined) return void join(begun);
  return import("./otelApi.js").then(
    (loaded) => (join = loaded.joinOtelApi)(begun),
    () => undefined,
  );
}
