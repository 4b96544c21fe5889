/** How functions of these apps tell their test what they saw: in the console, the one thing every runtime lets out. */

const PREFIX = "told";

/** Prints a line that `read` finds again. */
export function tell(topic: string, value: unknown): void {
  const text = `${PREFIX} ${topic} ${JSON.stringify(value)}`;
  // Convex prints what `inspect` returns as it is, without quotes.
  console.debug({ inspect: () => text });
}

/** What was told about a topic, in order. */
export function read(lines: readonly string[], topic: string): unknown[] {
  const start = `${PREFIX} ${topic} `;
  return lines.filter((line) => line.startsWith(start)).map((line) => JSON.parse(line.slice(start.length)) as unknown);
}
