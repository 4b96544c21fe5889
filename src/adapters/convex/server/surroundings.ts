/** What a call looks at before it is known to be traced: whether it runs in Convex, and how the deployment is set up. */

/**
 * Whether this code runs inside Convex (or convex-test). Elsewhere, for example where a unit test calls `_handler` with
 * a mock, wrappers do nothing at all.
 */
export function isInConvex(): boolean {
  return "Convex" in globalThis && (globalThis as { Convex?: unknown }).Convex !== undefined;
}

/** Reads one environment variable. Convex's `process.env` only answers to exact names, and throws for bad ones. */
export function convexEnv(name: string): string | undefined {
  try {
    const value = process.env[name];
    return value === undefined || value === "" ? undefined : value;
  } catch {
    return undefined;
  }
}
