/** Holds the spans that arrived against those that had to. */
import type { DecodedSpan } from "../../src/testing/index.js";
import { buildForest, type SpanNode } from "../../src/testing/spanForest.js";
import type { ExpectedSpan } from "./expected.js";

/** A span that arrived, with the one it was expected to be. */
export interface Match {
  readonly expected: ExpectedSpan;
  readonly span: DecodedSpan;
  readonly parent: DecodedSpan | undefined;
}

/** Two texts to compare, and the pairs if they are equal. */
export interface Comparison {
  readonly expected: string;
  readonly received: string;
  /** Of spans that cannot be confused with a sibling. */
  readonly matches: readonly Match[];
  /** What is wrong beyond the shape: parents that are missing, ids that came twice, children in the wrong order. */
  readonly problems: readonly string[];
}

/** Compares whole forests. */
export function compareTraces(expected: readonly ExpectedSpan[], spans: readonly DecodedSpan[]): Comparison {
  const forest = buildForest(spans);
  const roots = forest.traces.flatMap((trace) => trace.roots);
  const problems = [
    ...forest.orphans.map(({ name }) => `the parent of ${name} is missing`),
    ...forest.duplicates.map(({ name }) => `${name} came twice`),
    ...forest.loops.map(({ name }) => `${name} is its own ancestor`),
  ];
  const texts = { expected: forestText(expected, expectedText), received: forestText(roots, receivedText) };
  const matches: Match[] = [];
  if (texts.expected === texts.received) {
    pair(sorted(expected, expectedText), sorted(roots, receivedText), undefined, matches, problems);
    problems.push(...linkProblems(matches));
  }
  return { ...texts, matches, problems };
}

function forestText<T>(nodes: readonly T[], text: (node: T, indent: string) => string): string {
  return nodes
    .map((node) => text(node, ""))
    .sort()
    .join("\n");
}

function line(indent: string, name: string, kind: string, failed: boolean, links: number): string {
  return `${indent}${name} [${kind}]${failed ? " !" : ""}${links === 0 ? "" : ` ~${links}`}`;
}

function expectedText({ name, kind, failed, links, children }: ExpectedSpan, indent = ""): string {
  return blockText(line(indent, name, kind, failed, links), children, expectedText, indent);
}

function receivedText({ span, children }: SpanNode, indent = ""): string {
  const { name, kind, status, links } = span;
  return blockText(line(indent, name, kind, status.code === 2, links.length), children, receivedText, indent);
}

function blockText<T>(
  head: string,
  children: readonly T[],
  text: (child: T, indent: string) => string,
  indent: string,
): string {
  return [head, ...children.map((child) => text(child, `${indent}  `)).sort()].join("\n");
}

function sorted<T>(nodes: readonly T[], text: (node: T) => string): T[] {
  return nodes
    .map((node) => ({ node, key: text(node) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ node }) => node);
}

/** Walks two trees of the same shape. */
function pair(
  expected: readonly ExpectedSpan[],
  received: readonly SpanNode[],
  parent: SpanNode | undefined,
  matches: Match[],
  problems: string[],
): void {
  expected.forEach((span, index) => {
    const node = received[index];
    if (node === undefined) return;
    const isUnique = expected.filter((other) => expectedText(other) === expectedText(span)).length === 1;
    if (isUnique || !isUnorderedIn(parent)) {
      matches.push({ expected: span, span: node.span as DecodedSpan, parent: parent?.span as DecodedSpan | undefined });
    }
    unordered.set(node, span.isUnordered);
    if (span.isUnordered)
      return pair(sorted(span.children, expectedText), sorted(node.children, receivedText), node, matches, problems);
    problems.push(...orderProblems(span, node));
    pair(span.children, node.children, node, matches, problems);
  });
}

const unordered = new WeakMap<SpanNode, boolean>();

/** Roots are of programs that ran at the same time. */
function isUnorderedIn(parent: SpanNode | undefined): boolean {
  return parent === undefined || unordered.get(parent) === true;
}

function orderProblems(expected: ExpectedSpan, { span, children }: SpanNode): string[] {
  const wanted = expected.children.map((child) => expectedText(child));
  const got = children.map((child) => receivedText(child));
  if (wanted.join("\n") === got.join("\n")) return [];
  return [`the children of ${span.name} are in another order:\n${got.join("\n")}\ninstead of\n${wanted.join("\n")}`];
}

function linkProblems(matches: readonly Match[]): string[] {
  const spanOf = new Map(matches.map(({ expected, span }) => [expected, span]));
  return matches.flatMap(({ expected: { linkedTo, name }, span }) => {
    const target = linkedTo && spanOf.get(linkedTo);
    if (target === undefined) return [];
    const [link] = span.links;
    const isRight = link?.context.spanId === target.spanId && link.context.traceId === target.traceId;
    return isRight ? [] : [`the link of ${name} does not lead to ${target.name}`];
  });
}
