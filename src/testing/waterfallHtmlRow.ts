/** One span as a line of the page, and the axis above them. */
import type { SpanRecord } from "../core/types.js";
import { ERROR_TYPE, HTTP_RESPONSE_STATUS_CODE } from "../semconv/attributes.js";
import { html, type Html } from "./html.js";
import { rowLabel } from "./rowLabel.js";
import type { SpanNode } from "./spanForest.js";
import { durationText, errorText, oneLine } from "./spanText.js";
import { columnOf, type TimeScale } from "./timeScale.js";
import { htmlDetails } from "./waterfallHtmlDetails.js";
import { anchor, type HtmlSheet } from "./waterfallHtmlSheet.js";

/** A span with its place in the tree. */
export interface HtmlRow {
  readonly node: SpanNode;
  readonly depth: number;
}

/** A line: the name with its marks, kind, duration and bar; opened, everything else there is to know of the span. */
export function htmlRow({ node, depth }: HtmlRow, sheet: HtmlSheet): Html {
  const { span } = node;
  const isError = span.status.code === 2;
  const classes = ["span", `k-${span.kind}`, ...(isError ? ["error"] : [])].join(" ");
  return html`<li class="${classes}" id="s-${anchor(span)}" data-depth="${depth}" style="--depth:${depth}">
    <details>
      <summary class="row">
        ${nameCell(node, depth)}<span class="kind">${span.kind === "internal" ? "" : span.kind}</span
        ><span class="time">${durationText(span.endTime - span.startTime)}</span>${track(span, sheet)}
      </summary>
      ${htmlDetails(span, sheet)}
    </details>
  </li> `;
}

function nameCell({ span, children, isOrphan }: SpanNode, depth: number): Html {
  const { isRequest, name, summary, cache } = rowLabel(span);
  const toggle = children.length === 0 ? html`<span class="leaf"></span>` : html`<span class="fold"></span>`;
  const marks = [
    cache === undefined ? "" : html` <span class="chip c-${cache.outcome}">cache: ${cache.text}</span>`,
    statusMark(span),
    isOrphan ? html` <span class="chip">? parent is not here</span>` : "",
  ];
  return html`<span class="name"
    >${toggle}<span class="hidden">level ${depth + 1}, </span
    >${isRequest ? html`<span class="chip request">Request</span> ` : ""}<bdi class="label">${name}</bdi
    >${summary === undefined ? "" : html` <bdi class="summary">${summary}</bdi>`}${marks}</span
  >`;
}

function statusMark(span: SpanRecord): Html | string {
  const status = span.attributes[HTTP_RESPONSE_STATUS_CODE];
  const code = typeof status === "number" ? String(status) : undefined;
  if (span.status.code !== 2) return code === undefined ? "" : html` <span class="chip">${code}</span>`;
  const type = span.attributes[ERROR_TYPE];
  const reason = code ?? (typeof type === "string" ? oneLine(type) : errorText(span));
  return html` <span class="chip failed">✗ <span class="hidden">error </span><bdi>${reason}</bdi></span>`;
}

/** The bar, and a tick for each event. Told to listeners as numbers: a picture of it would be no use to them. */
function track(span: SpanRecord, sheet: HtmlSheet): Html {
  const from = percent(span.startTime, sheet.scale);
  const to = percent(span.endTime, sheet.scale);
  const ticks = span.events.slice(0, MOST_TICKS).map(({ time }) => {
    return html`<i class="tick" style="left:${percent(time, sheet.scale)}%"></i>`;
  });
  const offset = durationText(span.startTime - sheet.start);
  return html`<span class="track"
    ><span class="hidden">starts after ${offset}</span>${cuts(sheet.scale)}<i
      class="bar"
      style="left:${from}%;width:${round(to - from)}%"
    ></i
    >${ticks}</span
  >`;
}

const MOST_TICKS = 20;

/** The axis: how long after the start each stretch of it begins. */
export function htmlAxis({ scale }: HtmlSheet): Html {
  const labels = scale.segments.map(({ start, column }, index) => {
    const text = index === 0 ? "0" : `+${durationText(start - (scale.segments[0]?.start ?? start))}`;
    return html`<span class="mark" style="left:${round((column / scale.width) * 100)}%">${text}</span>`;
  });
  const first = scale.segments[0];
  const last = scale.segments.at(-1);
  const end = first === undefined || last === undefined ? "" : `+${durationText(last.end - first.start)}`;
  const hasRoom = (last?.columns ?? 0) > LEAST_FOR_END;
  return html`<span class="track axis" aria-hidden="true"
    >${cuts(scale)}${labels}${hasRoom ? html`<span class="mark end">${end}</span>` : ""}</span
  >`;
}

/** Columns of the last stretch that hold a label at both ends. */
const LEAST_FOR_END = 16;

/** Where idle time was cut out. */
function cuts(scale: TimeScale): Html[] {
  return scale.segments
    .slice(1)
    .map(({ column }) => html`<i class="cut" style="left:${round(((column - 0.5) / scale.width) * 100)}%"></i>`);
}

function percent(time: number, scale: TimeScale): number {
  return round((columnOf(scale, time) / scale.width) * 100);
}

/** Three digits: a thousandth of a percent is less than a pixel. */
function round(value: number): number {
  return Number.isFinite(value) ? Math.round(value * 1000) / 1000 : 0;
}
