/** How deep functions may call each other, and what they may schedule. */
import type { DeployedCode } from "./deployedCode.js";
import type { Execution } from "./execution.js";
import { type FunctionAddress, targetOf } from "./functionAddress.js";
import { isTransactional } from "./observation.js";

/** `MAX_REACTOR_CALL_DEPTH` in `crates/common/src/knobs.rs` of get-convex/convex-backend. */
const MAX_CALL_DEPTH = 8;

/** Throws if a query or mutation may not call another one: `run_udf` in `crates/isolate/src/environment/udf/async_syscall.rs`. */
export function checkCallDepth({ call }: Execution): void {
  let depth = 0;
  for (let { parent } = call; parent !== undefined && isTransactional(parent.type); { parent } = parent) depth += 1;
  if (depth < MAX_CALL_DEPTH) return;
  throw new Error("Cross component call depth limit exceeded. Do you have an infinite loop in your app?");
}

/** Names of what a module exports; those of modules that do not run under the rules are not known. */
export type ModuleExports = ReadonlySet<string> | "unknown";

/** Throws if a function may not be scheduled with these arguments of the syscall. */
export type CheckSchedule = (argsJson: string, execution: Execution) => void;

/** Five years of 366 days, in seconds. */
const MAX_DELAY_SECONDS = 5 * 366 * 24 * 3600;

/**
 * What is checked when a function is scheduled: the time, and whether the function exists, but not its arguments
 * (`validate_schedule_args` in `crates/udf/src/validation.rs`).
 *
 * @param codes - What is deployed, by component path. What runs outside of the rules is not in it, and is not checked.
 */
export function scheduleChecks(codes: ReadonlyMap<string, Pick<DeployedCode, "exports">>): CheckSchedule {
  return (argsJson, { transaction, call }) => {
    const address = JSON.parse(argsJson) as FunctionAddress & { readonly ts: number };
    const { ts } = address;
    const delay = ts - transaction.startMs / 1000;
    if (Math.abs(delay) > MAX_DELAY_SECONDS) {
      throw new Error(`${ts} is more than 5 years in the ${delay > 0 ? "future" : "past"}`);
    }
    const target = targetOf(address, call.componentPath);
    const code = target === undefined ? undefined : codes.get(target.componentPath);
    if (target !== undefined && code !== undefined) checkExistence(target.path, code.exports);
  };
}

function checkExistence(name: string, exportsOf: ReadonlyMap<string, ModuleExports>): void {
  const [path = "", exported = "default"] = name.split(":");
  const module = path.replace(/\.js$/, "");
  const names = exportsOf.get(module);
  if (names === undefined) throw new Error(`Attempted to schedule function at nonexistent path: ${module}.js`);
  if (names === "unknown" || names.has(exported)) return;
  throw new Error(
    `Attempted to schedule function, but no exported function ${exported} found in the file: ${module}.js. ` +
      "Did you forget to export it?",
  );
}
