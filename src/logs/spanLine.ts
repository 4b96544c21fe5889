/**
 * One console line that carries a span.
 *
 * A mutation that throws loses everything it wrote and scheduled, its spans included; what it printed stays. So its
 * spans leave as a console line, which a reader of the function logs or of a log stream can recognise and decode.
 * Committed work never depends on the console.
 */

/** How the line starts. The version is that of the format: the rest of the line is one OTLP/JSON `resourceSpans` element. */
export const SPAN_LINE_PREFIX = "convex-otel/1 ";

/**
 * Bytes of a whole line. Convex documents 4 KiB a line (https://docs.convex.dev/production/state/limits); a line that is
 * cut cannot be decoded.
 */
export const MAX_SPAN_LINE_BYTES = 4096;

/** What console methods print as it stands. */
export interface Verbatim {
  inspect(): string;
}

/**
 * The line for a text made by `encodeSpans`, in a form that is printed as it stands: Convex formats string arguments
 * with quotes and escapes, but asks objects how they want to be shown (`object-inspect` by `inspect()`, Node by symbol).
 */
export function spanLine(text: string): Verbatim {
  const line = () => SPAN_LINE_PREFIX + text;
  return { inspect: line, [Symbol.for("nodejs.util.inspect.custom")]: line };
}
