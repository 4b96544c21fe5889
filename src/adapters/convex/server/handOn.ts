/** Puts a carrier into the arguments of a call, where the callee is known to accept it. */
import type { CallSpan } from "../../../core/callSpan.js";
import { canCarry, withCarrier } from "./carrierArgs.js";
import type { Callee } from "./functionName.js";
import type { CalleeEdge, TracedCall } from "./tracedCall.js";

/**
 * The arguments a method of `ctx` is called with, those of the function (at `position`) extended by a carrier. They are
 * returned unchanged where the callee might reject it: not a function of this app, listed as uninstrumented, or called
 * with arguments that are no object (Convex will say so itself).
 */
export function handOn(
  call: TracedCall,
  span: CallSpan,
  callee: Callee,
  given: readonly unknown[],
  position: number,
  edge: Omit<CalleeEdge, "path">,
): readonly unknown[] {
  const args = given[position];
  if (callee.path === undefined || !canCarry(args) || !call.accepts(callee.path)) return given;
  const carrier = call.carrierFor(span, { ...edge, path: callee.path });
  return carrier === undefined ? given : given.toSpliced(position, 1, withCarrier(args, carrier));
}
