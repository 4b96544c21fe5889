/**
 * Times on the wire, in binary. The same nanoseconds as the JSON encoder writes (../unixNano.ts), as two halves of 32
 * bits: a product in floating point would lose the last digits, and a BigInt costs as much as ten attributes.
 */
import { LAST_MS } from "../unixNano.js";
import type { ProtoWriter } from "./protoWriter.js";

/** 2^24. A part of this size times 10^6 is exact, and so is the rest of the largest time. */
const PART = 0x100_0000;

const TWO_32 = 0x1_0000_0000;

/**
 * Writes a `fixed64` of nanoseconds.
 *
 * @param ms - milliseconds since the Unix epoch, with fractions; what is not a time after the epoch is 0, which OTLP
 * reads as "unknown", and not written
 */
export function unixNanoField(writer: ProtoWriter, tag: number, ms: number): void {
  if (!(ms > 0)) return;
  const whole = ms >= LAST_MS ? LAST_MS : Math.floor(ms);
  const nanos = ms >= LAST_MS ? 0 : Math.round((ms - whole) * 1e6);
  const upper = Math.floor(whole / PART);
  const upperNanos = upper * 1e6;
  const high = Math.floor(upperNanos / 256);
  // The lower 8 bits of the upper part, moved up by 24, reach into the lower half. No `%`: of fractions it is a function's call.
  const rest = (upperNanos - high * 256) * PART + (whole - upper * PART) * 1e6 + nanos;
  writer.fixed64Field(tag, high + Math.floor(rest / TWO_32), rest >>> 0);
}
