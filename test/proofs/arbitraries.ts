/**
 * Random programs: call graphs of queries, mutations, actions and scheduled functions that read, write, throw, catch, and do
 * things at the same time.
 */
import fc from "fast-check";
import type { FunctionType, Node, Program, Step, Thrown } from "./app/program.js";

/** How deep calls nest; Convex allows 8. */
const MAX_DEPTH = 3;

/** Functions by type. `plain` is not instrumented; `off` is never recorded in the variant that switches it off. */
const FUNCTIONS: Readonly<Record<FunctionType, readonly string[]>> = {
  query: ["open:q", "inner:q", "plain:q"],
  mutation: ["open:m", "inner:m", "inner:loose", "off:m", "plain:m"],
  action: ["open:a", "inner:a", "inner:looseAction", "off:a", "plain:a"],
};

/** What a function of a type may call inside itself. */
const CALLEES: Readonly<Record<FunctionType, readonly FunctionType[]>> = {
  query: ["query"],
  mutation: ["query", "mutation"],
  action: ["query", "mutation", "action"],
};

const thrown = fc.constantFrom<Thrown>("error", "type", "convex", "text");

/** A node without its id; ids are given in order, so that a smaller program has the same ones. */
function nodeOf(type: FunctionType, depth: number): fc.Arbitrary<Node> {
  return fc.record({
    id: fc.constant(""),
    fn: fc.constantFrom(...FUNCTIONS[type]),
    type: fc.constant(type),
    body: steps(type, depth, true),
  });
}

function steps(type: FunctionType, depth: number, mayBranch: boolean): fc.Arbitrary<readonly Step[]> {
  return fc.array(step(type, depth, mayBranch), { maxLength: depth === 0 ? 2 : 4 });
}

interface Weighted {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<Step>;
}

function step(type: FunctionType, depth: number, mayBranch: boolean): fc.Arbitrary<Step> {
  const own: Weighted[] = [
    { weight: 1, arbitrary: fc.record({ do: fc.constant("throw" as const), error: thrown }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("clock" as const, "random", "env", "log", "note") }) },
    ...(type === "action" ? [{ weight: 1, arbitrary: fc.constant<Step>({ do: "sleep" }) }] : database(type)),
  ];
  if (depth === 0) return fc.oneof(...own);
  return fc.oneof(...own, ...inner(type, depth, mayBranch));
}

function database(type: FunctionType): Weighted[] {
  const collect = { weight: 1, arbitrary: fc.constant<Step>({ do: "collect" }) };
  if (type === "query") return [collect];
  const insert = fc.record({ do: fc.constant("insert" as const), value: fc.nat(9) });
  const change = fc.record({ do: fc.constantFrom("get" as const, "patch", "remove") });
  return [collect, { weight: 3, arbitrary: insert }, { weight: 2, arbitrary: change }];
}

function inner(type: FunctionType, depth: number, mayBranch: boolean): Weighted[] {
  const callee = fc.oneof(...CALLEES[type].map((calleeType) => nodeOf(calleeType, depth - 1)));
  const call = fc.record({ do: fc.constant("call" as const), node: callee, catches: fc.boolean() });
  const span = fc.record({
    do: fc.constant("span" as const),
    name: fc.constantFrom("work", "wait"),
    body: steps(type, depth - 1, false),
  });
  const found: Weighted[] = [
    { weight: 4, arbitrary: call },
    { weight: 2, arbitrary: span },
  ];
  if (type !== "query") {
    const target = fc.oneof(nodeOf("mutation", depth - 1), nodeOf("action", depth - 1));
    found.push({ weight: 2, arbitrary: fc.record({ do: fc.constant("schedule" as const), node: target }) });
  }
  if (mayBranch) {
    const branches = fc.array(steps(type, depth - 1, false), { minLength: 2, maxLength: 3 });
    found.push({ weight: 1, arbitrary: fc.record({ do: fc.constant("parallel" as const), branches }) });
  }
  return found;
}

/** Gives every node the number at which it comes. */
function numbered(node: Node, count: { next: number }): Node {
  const id = `n${count.next++}`;
  return { ...node, id, body: node.body.map((child) => numberedStep(child, count)) };
}

function numberedStep(step: Step, count: { next: number }): Step {
  switch (step.do) {
    case "call":
    case "schedule":
      return { ...step, node: numbered(step.node, count) };
    case "span":
      return { ...step, body: step.body.map((child) => numberedStep(child, count)) };
    case "parallel":
      return { ...step, branches: step.branches.map((branch) => branch.map((child) => numberedStep(child, count))) };
    default:
      return step;
  }
}

/** A whole program. Requests run as actions do. */
export const programs: fc.Arbitrary<Program> = fc
  .oneof(
    fc.record({ root: nodeOf("query", 2), isHttp: fc.constant(false) }),
    { weight: 3, arbitrary: fc.record({ root: nodeOf("mutation", MAX_DEPTH), isHttp: fc.constant(false) }) },
    { weight: 4, arbitrary: fc.record({ root: nodeOf("action", MAX_DEPTH), isHttp: fc.boolean() }) },
  )
  .map(({ root, isHttp }) => ({ root: numbered(root, { next: 0 }), isHttp }));
