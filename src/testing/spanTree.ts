/**
 * Spans as indented text, for tests that state a whole trace at once. Ids and times are left out, so the text is the
 * same in every run; whatever is wrong with the shape of the trace throws instead of being drawn.
 */
import type { SpanRecord } from "../core/types.js";
import { buildForest, type SpanForest, type SpanNode } from "./spanForest.js";
import { attributesText, durationText, errorText, linkTarget, oneLine, spanNames, type SpanNames } from "./spanText.js";
import { DanglingParentError, DuplicateSpanError, ParentLoopError } from "./spanTreeErrors.js";

/** Options of {@link spanTree}. */
export interface SpanTreeOptions {
  /** Names of attributes to print, on spans, events and links that have them. Default: none. */
  readonly attributes?: readonly string[];
  /** Print the names of events. @defaultValue `false` */
  readonly events?: boolean;
  /** Print durations. Off by default, because with a real clock they differ from run to run. @defaultValue `false` */
  readonly durations?: boolean;
  /** Ids of parent spans that are known to be elsewhere, such as the caller's. Spans below them print as roots. */
  readonly allowRemoteParents?: readonly string[];
  /**
   * What to do with a span id that comes twice: `"throw"`, or `"ignore"` all but the first.
   *
   * @defaultValue `"throw"`
   */
  readonly duplicates?: "throw" | "ignore";
}

/**
 * Prints spans as a tree: name, kind (unless internal), status, links.
 *
 * ```text
 * POST /webhooks/stripe [server]
 * ├─ verify signature
 * │    ! error: signature_mismatch
 * └─ schedule pipeline:executeTask [producer]
 *    └─ process pipeline:executeTask [consumer]
 *         ~ link to cleanup
 * ```
 *
 * Siblings are in order of their start, then of arrival. Each trace is a block of its own, in order of first start, with
 * an empty line between. No line break at the end; no spans give `""`.
 *
 * @throws {@link DanglingParentError} if a parent is missing, {@link DuplicateSpanError} if a span comes twice,
 * {@link ParentLoopError} if spans are their own ancestors.
 *
 * @example
 * ```ts
 * import { memoryExporter, spanTree } from "convex-otel/testing";
 *
 * const exporter = memoryExporter();
 * console.log(spanTree(exporter.spans, { attributes: ["http.response.status_code"] }));
 * ```
 */
export function spanTree(spans: readonly SpanRecord[], options: SpanTreeOptions = {}): string {
  const forest = buildForest(spans);
  assertSound(forest, spans, options);
  return renderForest(forest, spanNames(spans), options);
}

/**
 * The same text for spans that may be incomplete, for failure messages: there, a missing parent is what one wants to
 * see.
 */
export function incompleteTree(spans: readonly SpanRecord[]): string {
  return renderForest(buildForest(spans), spanNames(spans), {});
}

function assertSound(forest: SpanForest, spans: readonly SpanRecord[], options: SpanTreeOptions): void {
  if (forest.duplicates.length > 0 && options.duplicates !== "ignore") throw new DuplicateSpanError(forest.duplicates);
  const allowed = new Set(options.allowRemoteParents);
  const dangling = forest.orphans.filter((span) => span.parentSpanId === undefined || !allowed.has(span.parentSpanId));
  if (dangling.length > 0) throw new DanglingParentError(dangling, spans);
  if (forest.loops.length > 0) throw new ParentLoopError(forest.loops);
}

function renderForest(forest: SpanForest, names: SpanNames, options: SpanTreeOptions): string {
  return forest.traces.map((trace) => renderTrace(trace.roots, names, options).join("\n")).join("\n\n");
}

/** A node and the text left of it: `branch` on its own line, `indent` on all lines below. */
interface Placed {
  readonly node: SpanNode;
  readonly branch: string;
  readonly indent: string;
}

function renderTrace(roots: readonly SpanNode[], names: SpanNames, options: SpanTreeOptions): string[] {
  const lines: string[] = [];
  const open: Placed[] = roots.map((node) => ({ node, branch: "", indent: "" })).reverse();
  for (let placed = open.pop(); placed !== undefined; placed = open.pop()) {
    const { node, branch, indent } = placed;
    lines.push(branch + headline(node, options));
    const gutter = indent + (node.children.length > 0 ? "│ " : "  ");
    lines.push(...details(node.span, names, options).map((detail) => gutter + detail));
    open.push(...placeChildren(node, indent).reverse());
  }
  return lines;
}

function placeChildren(node: SpanNode, indent: string): Placed[] {
  return node.children.map((child, index) => {
    const isLast = index === node.children.length - 1;
    return { node: child, branch: indent + (isLast ? "└─ " : "├─ "), indent: indent + (isLast ? "   " : "│  ") };
  });
}

function headline({ span, isOrphan }: SpanNode, options: SpanTreeOptions): string {
  const kind = span.kind === "internal" ? "" : ` [${span.kind}]`;
  const ok = span.status.code === 1 ? " ok" : "";
  const duration = options.durations === true ? ` ${durationText(span.endTime - span.startTime)}` : "";
  const parent = isOrphan ? " (parent elsewhere)" : "";
  return oneLine(span.name) + kind + ok + duration + parent + attributesText(span.attributes, options.attributes ?? []);
}

function details(span: SpanRecord, names: SpanNames, options: SpanTreeOptions): string[] {
  const chosen = options.attributes ?? [];
  const error = errorText(span);
  const lines = error === undefined ? [] : [error === "" ? "! error" : `! error: ${error}`];
  if (options.events === true) {
    lines.push(...span.events.map((event) => `* ${oneLine(event.name)}${attributesText(event.attributes, chosen)}`));
  }
  for (const link of span.links) {
    lines.push(`~ link to ${linkTarget(link.context, names)}${attributesText(link.attributes, chosen)}`);
  }
  return lines;
}
