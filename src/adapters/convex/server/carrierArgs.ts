/** The reserved argument: declared in a function's validator, taken out of its arguments, put into a callee's. */
import type { Carrier } from "../../../propagation/carrier.js";
import { CARRIER_FIELD } from "../../../propagation/carrierField.js";

/** `v.optional(v.any())`, as Convex exports it: a malformed carrier must never fail a call. */
const OPTIONAL_ANY = { fieldType: { type: "any" }, optional: true };

/**
 * The JSON of an argument validator, with the field declared in it, so that Convex accepts it. Validators other than objects
 * (`v.any()`, or none) accept it as they are.
 */
export function withCarrierField(text: string): string {
  const validator = JSON.parse(text) as { type?: unknown; value?: Record<string, unknown> };
  if (validator.type !== "object" || validator.value === undefined) return text;
  validator.value[CARRIER_FIELD] ??= OPTIONAL_ANY;
  return JSON.stringify(validator);
}

/** Whether arguments have something in the reserved field. */
export function hasCarrier(args: unknown): args is Record<string, unknown> {
  return isPlainObject(args) && Object.hasOwn(args, CARRIER_FIELD);
}

/** Arguments without the reserved field, and what was in it. Arguments without it are returned as they are. */
export function splitArgs(args: unknown): { readonly own: unknown; readonly carrier: unknown } {
  if (!hasCarrier(args)) return { own: args, carrier: undefined };
  const { [CARRIER_FIELD]: carrier, ...own } = args;
  return { own, carrier };
}

/** Whether a carrier can be added: to no arguments, or to an object that does not use the field itself. */
export function canCarry(args: unknown): args is Record<string, unknown> | undefined {
  return args === undefined || (isPlainObject(args) && !hasCarrier(args));
}

/** Arguments with the carrier in the reserved field. */
export function withCarrier(args: Record<string, unknown> | undefined, carrier: Carrier): Record<string, unknown> {
  return { ...args, [CARRIER_FIELD]: carrier };
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}
