/**
 * How much a call may print: lines that are too long are cut, and lines that are too many are dropped. Functions that a query
 * or mutation calls share its budget. Sources: `crates/common/src/log_lines.rs` and
 * `crates/isolate/src/environment/helpers/mod.rs` of get-convex/convex-backend.
 */
import type { StrictConsoleLine, StrictLogLevel } from "./types.js";

/** `MAX_LOG_LINES`. */
const MAX_LINES = 256;

/** `MAX_LOG_LINE_LENGTH`, in UTF-8 bytes. */
const MAX_LINE_BYTES = 32_768;

/** The lines that are left. */
export interface ConsoleBudget {
  /** The line as it is logged: cut, replaced by the remark that there are too many, or undefined if it is dropped. */
  admit(level: StrictLogLevel, text: string): StrictConsoleLine | undefined;
}

/** The budget of one outermost call. */
export function consoleBudget(): ConsoleBudget {
  let lines = 0;
  return {
    admit(level, text) {
      lines += 1;
      if (lines < MAX_LINES) return cut(level, text);
      if (lines > MAX_LINES) return undefined;
      const remark = `Log overflow (maximum ${MAX_LINES}). Remaining log lines omitted.`;
      return { level: "ERROR", text: remark, isTruncated: false };
    },
  };
}

function cut(level: StrictLogLevel, text: string): StrictConsoleLine {
  // A UTF-16 code unit takes three bytes at most, so most lines need no encoding.
  if (text.length * 3 <= MAX_LINE_BYTES) return { level, text, isTruncated: false };
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= MAX_LINE_BYTES) return { level, text, isTruncated: false };
  // With `stream`, a character that is cut in half at the end is left out instead of becoming U+FFFD.
  const head = new TextDecoder().decode(bytes.subarray(0, MAX_LINE_BYTES), { stream: true });
  return { level, text: head, isTruncated: true };
}
