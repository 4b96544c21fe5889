/** Reports of what is wrong on every call, such as a malformed variable, passed on now and then. */
import type { Diagnostics, Random } from "../../../core/ports.js";

/** An isolate remembers nothing, so "once" is not to be had: one in so many is. */
const ONE_IN = 10;

/** Passes one in ten reports on, and says so. */
export function sampledReport(report: Diagnostics, random: Random): Diagnostics {
  return (diagnostic) => {
    if (random.uint32() % ONE_IN !== 0) return;
    report({ ...diagnostic, message: `${diagnostic.message} (one in ${ONE_IN} such reports is printed)` });
  };
}
