/** Random programs that mix `withSpan` and the API of OpenTelemetry: every span has the parent that the program gave it. */
import { context, type Span, trace } from "@opentelemetry/api";
import { makeFunctionReference } from "convex/server";
import fc from "fast-check";
import { expect, it } from "vitest";
import { startSpan, withSpan } from "../../../src/index.js";
import { ownApp } from "./ownApp.js";

/** How a span comes about: around its children, or beside the active one and named by them as parent. */
const WAYS = [
  "withSpan",
  "startActiveSpan",
  "context.with",
  "bind",
  "explicit parent",
  "leaf of ours",
  "leaf of theirs",
] as const;

interface Node {
  readonly way: (typeof WAYS)[number];
  /** Ticks that pass before the children run. */
  readonly ticks: number;
  readonly order: "in turn" | "at once";
  readonly children: readonly Node[];
}

function nodes(depth: number): fc.Arbitrary<Node> {
  return fc.record({
    way: fc.constantFrom(...WAYS),
    ticks: fc.integer({ min: 0, max: 3 }),
    order: fc.constantFrom("in turn", "at once"),
    children: depth === 0 ? fc.constant([]) : fc.array(nodes(depth - 1), { maxLength: 3 }),
  });
}

const tracer = () => trace.getTracer("lib");

/** Runs a program, and notes the parent of each of its spans by their names. */
class Run {
  readonly expected = new Map<string, string>();
  #count = 0;

  async children({ children, order, ticks }: Node, parent: string): Promise<void> {
    for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
    if (order === "at once") await Promise.all(children.map((child) => this.node(child, parent)));
    else for (const child of children) await this.node(child, parent);
  }

  async node(node: Node, parent: string): Promise<void> {
    const name = `${node.way} ${this.#count++}`;
    this.expected.set(name, parent);
    const ended = async (span: Span) => {
      await this.children(node, name);
      span.end();
    };
    const span = () => tracer().startSpan(name);
    const inSpan = (made: Span) => trace.setSpan(context.active(), made);
    switch (node.way) {
      case "withSpan":
        return await withSpan(name, () => this.children(node, name));
      case "startActiveSpan":
        return await tracer().startActiveSpan(name, ended);
      case "context.with": {
        const made = span();
        return await context.with(inSpan(made), () => ended(made));
      }
      case "bind": {
        const made = span();
        return await context.bind(inSpan(made), ended)(made);
      }
      case "explicit parent": {
        const made = span();
        const child = `child ${name}`;
        this.expected.set(child, name);
        tracer().startSpan(child, {}, inSpan(made)).end();
        await this.children(node, parent);
        return made.end();
      }
      case "leaf of ours":
        startSpan(name).end();
        return await this.children(node, parent);
      case "leaf of theirs":
        span().end();
        return await this.children(node, parent);
    }
  }
}

it("has the parents that the program says, in two calls at once", async () => {
  await fc.assert(
    fc.asyncProperty(nodes(4), nodes(4), async (first, second) => {
      const [one, two] = [new Run(), new Run()];
      const { t, exporter } = ownApp((otel) => ({
        one: otel.action({ handler: () => one.node(first, "own:one") }),
        two: otel.action({ handler: () => two.node(second, "own:two") }),
      }));
      const call = (name: string) => t.action(makeFunctionReference<"action">(name), {});
      await Promise.all([call("own:one"), call("own:two")]);
      const spans = new Map(exporter.spans.map((span) => [span.spanId, span]));
      for (const [root, { expected }] of [
        ["own:one", one],
        ["own:two", two],
      ] as const) {
        const entry = exporter.spans.find(({ name }) => name === root);
        const own = exporter.spans.filter(({ traceId, name }) => traceId === entry?.traceId && name !== root);
        const parents = own.map(({ name, parentSpanId = "" }) => [name, spans.get(parentSpanId)?.name] as const);
        expect(new Map(parents)).toEqual(expected);
      }
      expect(exporter.spans).toHaveLength(2 + one.expected.size + two.expected.size);
    }),
    { numRuns: 80, seed: 4 },
  );
});
