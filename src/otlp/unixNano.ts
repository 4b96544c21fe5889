/**
 * Times on the wire. OTLP wants nanoseconds since the epoch as a decimal string; spans hold milliseconds with fractions.
 * A product in floating point would lose the last three digits of a date of today, and a BigInt per span is slow: so
 * whole milliseconds and the fraction are converted apart, and only their digits are put together.
 */

/** @internal The last millisecond whose nanoseconds fit the unsigned 64-bit field: 2^64 / 10^6, in the year 2554. */
export const LAST_MS = 18_446_744_073_709;

/**
 * @internal
 * Nanoseconds of a time, as OTLP/JSON writes a `fixed64`.
 *
 * @param ms - milliseconds since the Unix epoch, with fractions; what is not a time after the epoch becomes `"0"`,
 * which OTLP reads as "unknown", and what is past the year 2554 becomes the last millisecond of the field
 */
export function unixNano(ms: number): string {
  if (!(ms > 0)) return "0";
  if (ms >= LAST_MS) return `${LAST_MS}000000`;
  const whole = Math.floor(ms);
  const nanos = Math.round((ms - whole) * 1e6);
  // A fraction of .9999996 and more rounds up into the next millisecond: the leading 1 or 2 of the padded sum tells.
  const padded = String(1_000_000 + nanos);
  const carried = nanos === 1_000_000 ? whole + 1 : whole;
  return carried === 0 ? String(nanos) : `${carried}${padded.slice(1)}`;
}
