/** The variable that replaces the list of known methods (semantic conventions, HTTP spans). */

/** The methods it lists, case-sensitive; undefined where it is not set, or the runtime has no environment. */
export function knownMethods(): readonly string[] | undefined {
  const methods = variable("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS")
    ?.split(",")
    .map((method) => method.trim())
    .filter((method) => method !== "");
  return methods === undefined || methods.length === 0 ? undefined : methods;
}

function variable(name: string): string | undefined {
  try {
    return globalThis.process.env[name];
  } catch {
    // No `process`, or, in Deno, no permission to read it.
    return undefined;
  }
}
