/**
 * Why an app could not be bundled. A class of its own, so that callers can tell an app that does not build from a fault
 * of their own.
 */

/** The app cannot be bundled; Convex would refuse to deploy it for the same reasons. */
export class ConvexBundleError extends Error {
  override readonly name = "ConvexBundleError";
  /** What is wrong, one entry for each error. */
  readonly reasons: readonly string[];

  constructor(reasons: readonly string[], options?: ErrorOptions) {
    super(reasons.join("\n"), options);
    this.reasons = reasons;
  }
}
