/**
 * A trace as a page to send to somebody: one file that needs nothing else, no network and, to be read, no script.
 */
import { createHash } from "node:crypto";
import type { SpanRecord } from "../core/types.js";
import { CORRELATION_ID } from "../semconv/attributes.js";
import { html, type Html, trusted } from "./html.js";
import { oneLine, spanNames, durationText, type SpanNames } from "./spanText.js";
import { buildForest, type SpanNode, type TraceNode, walk } from "./spanForest.js";
import { timeScale } from "./timeScale.js";
import { type HtmlRow, htmlAxis, htmlRow } from "./waterfallHtmlRow.js";
import type { HtmlSheet } from "./waterfallHtmlSheet.js";
import { WATERFALL_SCRIPT } from "./waterfallHtmlScript.js";
import { WATERFALL_STYLE } from "./waterfallHtmlStyle.js";

/** Options of {@link waterfallHtml}. */
export interface WaterfallHtmlOptions {
  /** Title of the page. @defaultValue the name of the first root span */
  readonly title?: string;
}

/** Steps of the time axis that a pause is cut out on; the bars themselves are placed exactly. */
const AXIS_STEPS = 60;

/**
 * Draws each trace among the spans as a self-contained HTML page: the tree of spans with durations and bars, and on a click the
 * attributes, events and links of a span. The page loads nothing, follows the reader's light or dark theme, and can be read
 * on a telephone and without scripts.
 *
 * What spans hold is text on the page, whatever it is. It holds what was recorded: send it to whom you would show that.
 *
 * @returns the whole document; write it to a file with the ending `.html`.
 * @example
 * ```ts
 * import { memoryExporter, waterfallHtml } from "convex-otel/testing";
 * import { writeFileSync } from "node:fs";
 *
 * const exporter = memoryExporter();
 * writeFileSync("trace.html", waterfallHtml(exporter.spans, { title: "Checkout, 26 November" }));
 * ```
 */
export function waterfallHtml(spans: readonly SpanRecord[], options: WaterfallHtmlOptions = {}): string {
  const { traces } = buildForest(spans);
  const names = spanNames(spans);
  const title = options.title ?? oneLine(traces[0]?.roots[0]?.span.name ?? "No spans");
  const body = html`<header>
      <h1><bdi>${title}</bdi></h1>
      ${traces.length > 1 ? html`<p>${traces.length} traces</p>` : ""}
    </header>
    <main>${traces.map((trace) => section(trace, names))}</main>`;
  return page(title, body);
}

/** The policy lets nothing run or load but what is written here, should escaping ever fail. */
function page(title: string, body: Html): string {
  const scriptHash = createHash("sha256").update(WATERFALL_SCRIPT).digest("base64");
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${scriptHash}'`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${title}</title>
        ${trusted(`<style>${WATERFALL_STYLE}</style>`)}
      </head>
      <body>
        ${body} ${trusted(`<script>${WATERFALL_SCRIPT}</script>`)}
      </body>
    </html> `.toString();
}

function section(trace: TraceNode, names: SpanNames): Html {
  const rows = placeRows(trace.roots);
  const spans = rows.map(({ node }) => node.span);
  const start = Math.min(...spans.map((span) => span.startTime));
  const sheet: HtmlSheet = { scale: timeScale(spans, AXIS_STEPS), names, start };
  return html`<section aria-label="Trace ${trace.traceId}">
    ${facts(trace, spans, start)}
    <div class="head row">
      <span class="name">span</span><span class="kind">kind</span><span class="time">time</span>${htmlAxis(sheet)}
    </div>
    <ol class="spans">
      ${rows.map((row) => htmlRow(row, sheet))}
    </ol>
  </section> `;
}

function facts(trace: TraceNode, spans: readonly SpanRecord[], start: number): Html {
  const end = Math.max(...spans.map((span) => span.endTime));
  const errors = spans.filter((span) => span.status.code === 2).length;
  const correlation = trace.roots
    .map(({ span }) => span.attributes[CORRELATION_ID])
    .find((id) => typeof id === "string");
  const errorCount = errors === 0 ? "" : fact("errors", String(errors), "errors");
  return html`<dl class="facts">
    ${fact("trace", trace.traceId, "id")} ${fact("duration", durationText(end - start))}
    ${fact("spans", String(spans.length))} ${errorCount} ${fact("started", isoTime(start))}
    ${typeof correlation === "string" ? fact("correlation", oneLine(correlation), "id") : ""}
  </dl>`;
}

function fact(name: string, value: string, style = ""): Html {
  return html`<div class="fact ${style}">
    <dt>${name}</dt>
    <dd><bdi>${value}</bdi></dd>
  </div>`;
}

/** A span of a test may have any time. */
function isoTime(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString();
}

function placeRows(roots: readonly SpanNode[]): HtmlRow[] {
  const depths = new Map<SpanNode, number>();
  return Array.from(walk(roots), (node) => {
    const depth = depths.get(node) ?? 0;
    for (const child of node.children) depths.set(child, depth + 1);
    return { node, depth };
  });
}
