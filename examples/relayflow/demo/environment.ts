/** Environment variables for a while: the app reads them when it runs, as it would in a Convex deployment. */

export type Variables = Readonly<Record<string, string | undefined>>;

/** Runs `fn` with some variables set (or unset, where undefined) and puts everything back after it. */
export async function withEnvironment<T>(variables: Variables, fn: () => Promise<T>): Promise<T> {
  const names = Object.keys(variables);
  const before = Object.fromEntries(names.map((name) => [name, process.env[name]]));
  assign(variables);
  try {
    return await fn();
  } finally {
    assign(before);
  }
}

function assign(variables: Variables): void {
  for (const [name, value] of Object.entries(variables)) {
    // Assigning undefined would set the text "undefined".
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
}
