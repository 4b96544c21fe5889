/** Marks a text that may have arrived before, on its first span, which is the call's entry span: vendors bill copies. */
import { CONVEX_TELEMETRY_RESEND } from "../semconv/attributes.js";

const FIRST_ATTRIBUTES = /("endTimeUnixNano":"\d+","attributes":\[)(?=(.))/;

/** The text with `convex.telemetry.resend` on its first span; unchanged if it is not one of ours. */
export function markResent(text: string): string {
  // No string can hold this key: a quote inside a JSON string has a backslash before it.
  return text.replace(FIRST_ATTRIBUTES, (head: string, _group: string, next: string) => {
    return `${head}{"key":"${CONVEX_TELEMETRY_RESEND}","value":{"boolValue":true}}${next === "]" ? "" : ","}`;
  });
}
