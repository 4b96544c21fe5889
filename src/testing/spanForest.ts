/**
 * Turns a flat list of spans into trees, one forest per trace. It judges nothing: what does not fit is listed, and the
 * caller decides whether that is an error (`spanTree`, in tests) or something to show anyway (`waterfall`, for people).
 */
import type { SpanRecord } from "../core/types.js";

/** A span and what it caused. */
export interface SpanNode {
  readonly span: SpanRecord;
  /** By start time, then by order of arrival. */
  readonly children: SpanNode[];
  /** The parent is not among the spans. */
  readonly isOrphan: boolean;
}

/** All spans of one trace. More than one root is possible: siblings whose parent is in another process. */
export interface TraceNode {
  readonly traceId: string;
  /** By start time, then by order of arrival. */
  readonly roots: readonly SpanNode[];
}

/** What came out of a list of spans. Every span is in `traces` exactly once, but for the duplicates. */
export interface SpanForest {
  /** By the start of their first span, then by order of arrival. */
  readonly traces: readonly TraceNode[];
  /** Spans whose parent is not here. They are roots. */
  readonly orphans: readonly SpanRecord[];
  /** Spans with the id of an earlier one. They are left out. */
  readonly duplicates: readonly SpanRecord[];
  /** One span of each loop of parents. It is a root, and its parent's link to it is cut. */
  readonly loops: readonly SpanRecord[];
}

/** Names a span uniquely. Span ids alone are unique in their trace only. */
export function spanKey(traceId: string, spanId: string): string {
  return `${traceId}/${spanId}`;
}

/** Builds the forest. Cannot fail. */
export function buildForest(spans: readonly SpanRecord[]): SpanForest {
  const { nodes, duplicates } = indexSpans(spans);
  const roots: SpanNode[] = [];
  for (const node of nodes.values()) {
    const parent = parentOf(node, nodes);
    if (parent === undefined) roots.push(node);
    else parent.children.push(node);
  }
  const loops = cutLoops(roots, nodes);
  for (const node of nodes.values()) node.children.sort(byStart);
  return {
    traces: groupByTrace(roots),
    orphans: roots.filter((root) => root.isOrphan).map((root) => root.span),
    duplicates,
    loops,
  };
}

/** Visits a node and everything below it, parents first. Uses no call stack, so depth is no limit. */
export function* walk(roots: readonly SpanNode[]): Generator<SpanNode> {
  const open = [...roots].reverse();
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    yield node;
    for (let index = node.children.length - 1; index >= 0; index -= 1) {
      const child = node.children[index];
      if (child !== undefined) open.push(child);
    }
  }
}

type NodeIndex = ReadonlyMap<string, SpanNode>;

function indexSpans(spans: readonly SpanRecord[]): { nodes: NodeIndex; duplicates: SpanRecord[] } {
  const ids = new Set(spans.map((span) => spanKey(span.traceId, span.spanId)));
  const nodes = new Map<string, SpanNode>();
  const duplicates: SpanRecord[] = [];
  for (const span of spans) {
    const key = spanKey(span.traceId, span.spanId);
    if (nodes.has(key)) {
      duplicates.push(span);
      continue;
    }
    const isOrphan = span.parentSpanId !== undefined && !ids.has(spanKey(span.traceId, span.parentSpanId));
    nodes.set(key, { span, children: [], isOrphan });
  }
  return { nodes, duplicates };
}

function parentOf(node: SpanNode, nodes: NodeIndex): SpanNode | undefined {
  const { traceId, parentSpanId } = node.span;
  return parentSpanId === undefined ? undefined : nodes.get(spanKey(traceId, parentSpanId));
}

/** Spans that no root leads to hang on a loop of parents. Makes one span of each loop a root. */
function cutLoops(roots: SpanNode[], nodes: NodeIndex): SpanRecord[] {
  const reached = new Set(walk(roots));
  const loops: SpanRecord[] = [];
  for (const node of nodes.values()) {
    if (reached.has(node)) continue;
    const entry = loopEntry(node, nodes);
    const siblings = parentOf(entry, nodes)?.children;
    siblings?.splice(siblings.indexOf(entry), 1);
    roots.push(entry);
    loops.push(entry.span);
    for (const below of walk([entry])) reached.add(below);
  }
  return loops;
}

/** Goes up from a node below or on a loop until a node comes again: that one is on the loop. */
function loopEntry(start: SpanNode, nodes: NodeIndex): SpanNode {
  const seen = new Set<SpanNode>();
  let node = start;
  while (!seen.has(node)) {
    seen.add(node);
    node = parentOf(node, nodes) ?? node;
  }
  return node;
}

function groupByTrace(roots: readonly SpanNode[]): TraceNode[] {
  const traces = new Map<string, SpanNode[]>();
  for (const root of [...roots].sort(byStart)) {
    const list = traces.get(root.span.traceId);
    if (list === undefined) traces.set(root.span.traceId, [root]);
    else list.push(root);
  }
  return [...traces].map(([traceId, traceRoots]) => ({ traceId, roots: traceRoots }));
}

function byStart(a: SpanNode, b: SpanNode): number {
  return a.span.startTime - b.span.startTime;
}
