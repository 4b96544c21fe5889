/**
 * The error for a request that is not valid OTLP. It lists every problem at once: an encoder that is wrong is rarely
 * wrong in one place only, and fixing it one message at a time is slow.
 */

/** One thing that is wrong with an OTLP document. */
export interface OtlpProblem {
  /** Where it is, as in JavaScript: `resourceSpans[0].scopeSpans[0].spans[2].traceId`; `$` is the document itself. */
  readonly path: string;
  /** What is wrong there, and what would be right. */
  readonly message: string;
}

/**
 * Thrown by {@link decodeOtlp} for a request that breaks the rules of OTLP.
 *
 * @example
 * ```ts
 * import { decodeOtlp, OtlpValidationError } from "convex-otel/testing";
 *
 * try {
 *   decodeOtlp('{"resource_spans":[]}');
 * } catch (error) {
 *   if (error instanceof OtlpValidationError) console.log(error.problems);
 * }
 * ```
 */
export class OtlpValidationError extends Error {
  override readonly name = "OtlpValidationError";
  /** All problems, in the order of the document. Never empty. */
  readonly problems: readonly OtlpProblem[];

  constructor(problems: readonly OtlpProblem[]) {
    const lines = problems.map((problem) => `  ${problem.path}: ${problem.message}`);
    super(`Not valid OTLP (${problems.length} problem${problems.length === 1 ? "" : "s"}):\n${lines.join("\n")}`);
    this.problems = problems;
  }
}
