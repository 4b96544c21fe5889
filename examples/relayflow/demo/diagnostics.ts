/** Listens to what the library has to say about itself: in a demo, a lost span is a failure. */

/** How the library's lines on the console begin. */
const PREFIX = "[convex-otel]";

/** Runs `fn` and collects the lines that the library prints while it runs. All other lines are printed as usual. */
export async function diagnosticsDuring<T>(fn: () => Promise<T>): Promise<{ result: T; lines: readonly string[] }> {
  const { warn, error } = console;
  const lines: string[] = [];
  const listen =
    (print: typeof warn) =>
    (...data: unknown[]): void => {
      if (String(data[0]).startsWith(PREFIX)) lines.push(data.join(" "));
      else print(...data);
    };
  Object.assign(console, { warn: listen(warn), error: listen(error) });
  try {
    return { result: await fn(), lines };
  } finally {
    Object.assign(console, { warn, error });
  }
}
