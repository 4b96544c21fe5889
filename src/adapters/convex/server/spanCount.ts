/** A number of spans, for messages: `1 span was`, `2 spans were`. */
export function spanCount(count: number): string {
  return count === 1 ? "1 span was" : `${count} spans were`;
}
