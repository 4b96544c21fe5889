/**
 * The trace that a program must leave, worked out from the program alone: which functions run, what of it is rolled back, and
 * which spans that makes. It knows the rules of `docs/one-trace.md` and nothing of the library.
 */
import type { FunctionType, Node, Program, Step } from "./app/program.js";

/** A span that must arrive. */
export interface ExpectedSpan {
  name: string;
  kind: "internal" | "server" | "client" | "producer" | "consumer";
  failed: boolean;
  /** How many links it has; to `linkedTo`, if that is known. */
  links: number;
  linkedTo: ExpectedSpan | undefined;
  readonly children: ExpectedSpan[];
  /** The children ran at the same time: their order is chance. */
  isUnordered: boolean;
  /** The call whose own span this is. */
  readonly call: Node | undefined;
}

/** What a variant of the app does. */
export interface Rules {
  /** Functions of the module `off` are not recorded. */
  readonly isOffSkipped: boolean;
  readonly maxHops: number;
}

/** What is known of one running function. */
interface Frame {
  readonly node: Node;
  readonly type: FunctionType;
  /**
   * `record`: it has spans of its own. `pass`: it has none, and its callees hang on its caller's span. `none`: it does not know
   * of tracing at all, and its callees begin traces of their own.
   */
  readonly mode: "record" | "pass" | "none";
  /** Part of a scheduled run, as the platform sees it. */
  readonly isJob: boolean;
  readonly hops: number;
  /** What it has done so far; taken back if it is a mutation that throws. */
  readonly effects: Effects;
}

/** What a function leaves behind. */
interface Effects {
  /** Whole traces. */
  readonly roots: ExpectedSpan[];
  /** What has been scheduled. */
  readonly jobs: (() => Effects)[];
}

/** The span that is active. Absent where nothing is recorded. */
type Active = ExpectedSpan | undefined;

/** Thrown by a `throw` step, to be followed through the program. */
class ProgramError extends Error {}

/** Works out the traces of a program. */
export function expectedTraces({ root, isHttp }: Program, rules: Rules): ExpectedSpan[] {
  const run = new Oracle(rules);
  const effects = isHttp ? run.request(root) : run.root(root, false);
  return withJobs(effects);
}

function withJobs({ roots, jobs }: Effects): ExpectedSpan[] {
  return [...roots, ...jobs.flatMap((job) => withJobs(job()))];
}

class Oracle {
  readonly #rules: Rules;

  constructor(rules: Rules) {
    this.#rules = rules;
  }

  request(node: Node): Effects {
    const effects = noEffects();
    const entry = span("POST /run", "server", node);
    effects.roots.push(entry);
    const frame: Frame = { node, type: "action", mode: "record", isJob: false, hops: 0, effects };
    this.#runBody(frame, entry);
    return effects;
  }

  /** A call that comes without a trace. */
  root(node: Node, isJob: boolean): Effects {
    const effects = noEffects();
    const entry = this.#entryOf(node, isJob ? "scheduled" : "call");
    if (entry !== undefined) effects.roots.push(entry);
    const mode = entry !== undefined ? "record" : isKnown(node) ? "pass" : "none";
    const frame: Frame = { node, type: node.type, mode, isJob, hops: 0, effects };
    const failed = this.#runBody(frame, entry);
    return failed && node.type === "mutation" ? noEffects() : effects;
  }

  #entryOf(node: Node, trigger: "call" | "scheduled"): ExpectedSpan | undefined {
    if (node.type === "query" || !isKnown(node) || this.#isSkipped(node)) return undefined;
    return trigger === "call" ? span(node.fn, "server", node) : span(`process ${node.fn}`, "consumer", node);
  }

  #isSkipped({ fn }: Node): boolean {
    return this.#rules.isOffSkipped && fn.startsWith("off:");
  }

  /** Runs a function's body. Tells whether it threw. */
  #runBody(frame: Frame, active: Active): boolean {
    try {
      this.#steps(frame, frame.node.body, active);
      return false;
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error;
      if (active !== undefined && frame.mode === "record") active.failed = true;
      return true;
    }
  }

  #steps(frame: Frame, steps: readonly Step[], active: Active, memory = { hasItem: false }): void {
    for (const step of steps) this.#step(frame, step, active, memory);
  }

  #step(frame: Frame, step: Step, active: Active, memory: { hasItem: boolean }): void {
    switch (step.do) {
      case "insert":
      case "collect":
      case "get":
      case "patch":
      case "remove":
        return database(frame, step.do, active, memory);
      case "call":
        return this.#call(frame, step.node, step.catches, active);
      case "schedule":
        return this.#schedule(frame, step.node, active);
      case "span":
        return this.#span(frame, step, active, memory);
      case "parallel":
        return this.#parallel(frame, step.branches, active);
      case "note":
        return note(frame, active);
      case "throw":
        throw new ProgramError();
      default:
        return undefined;
    }
  }

  #span(frame: Frame, step: Extract<Step, { do: "span" }>, active: Active, memory: { hasItem: boolean }): void {
    const child = frame.mode === "record" ? addChild(active, span(step.name, "internal")) : active;
    try {
      this.#steps(frame, step.body, child, memory);
    } catch (error) {
      if (child !== undefined && frame.mode === "record") child.failed = true;
      throw error;
    }
  }

  #parallel(frame: Frame, branches: readonly (readonly Step[])[], active: Active): void {
    if (active !== undefined) active.isUnordered = true;
    let failure: unknown;
    for (const branch of branches) {
      try {
        this.#steps(frame, branch, active);
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
  }

  #call(frame: Frame, node: Node, catches: boolean, active: Active): void {
    const caller = frame.mode === "record" ? addChild(active, callerSpan(frame, node)) : active;
    if (!this.#runCallee(frame, node, caller)) return;
    if (caller !== undefined && frame.mode === "record") caller.failed = true;
    if (!catches) throw new ProgramError();
  }

  /** Runs a callee below its caller's span. Tells whether it threw. */
  #runCallee(frame: Frame, node: Node, caller: Active): boolean {
    if (node.type === "query" || !isKnown(node) || frame.mode === "none") return this.#runUnlinked(frame, node);
    if (frame.mode === "pass" && caller === undefined) return this.#runUnsampled(frame, node);
    const effects = noEffects();
    const callee = { node, type: node.type, isJob: frame.isJob, hops: frame.hops, effects };
    if (this.#isSkipped(node))
      return keep(frame, callee, this.#runBody({ ...callee, mode: "pass" }, caller), caller, []);
    const isNested = frame.type === "mutation" && frame.mode === "record";
    const entry = span(node.fn, isNested ? "internal" : "server", node);
    const failed = this.#runBody({ ...callee, mode: "record" }, entry);
    return keep(frame, callee, failed, caller, isNested && isElided(node) ? entry.children : [entry], entry);
  }

  /** Runs a function whose callees hang on its caller's span. Tells whether it threw. */
  #runPassing(callee: Omit<Frame, "mode">, caller: Active): boolean {
    const before = caller?.children.length ?? 0;
    const failed = this.#runBody({ ...callee, mode: "pass" }, caller);
    if (failed && callee.type === "mutation") caller?.children.splice(before);
    return failed;
  }

  /**
   * A callee of a function that is not recorded, and had no caller that was. An internal one follows. A public one decides for
   * itself; its caller's trace is a link, since nobody has exported it.
   */
  #runUnsampled(frame: Frame, node: Node): boolean {
    const effects = noEffects();
    const callee = { node, type: node.type, isJob: frame.isJob, hops: frame.hops, effects };
    if (!node.fn.startsWith("open:")) {
      return keep(frame, callee, this.#runBody({ ...callee, mode: "pass" }, undefined), undefined, []);
    }
    const entry = { ...span(node.fn, "server", node), links: 1 };
    effects.roots.push(entry);
    return keep(frame, callee, this.#runBody({ ...callee, hops: 0, mode: "record" }, entry), undefined, []);
  }

  /** A callee that is given no trace: a query, a function that is not instrumented, or one called by such a function. */
  #runUnlinked(frame: Frame, node: Node): boolean {
    const effects = noEffects();
    const entry = frame.type === "query" ? undefined : this.#entryOf(node, frame.isJob ? "scheduled" : "call");
    if (entry !== undefined) effects.roots.push(entry);
    const mode = entry !== undefined ? "record" : isKnown(node) && node.type !== "query" ? "pass" : "none";
    const callee: Frame = { node, type: node.type, mode, isJob: frame.isJob, hops: 0, effects };
    return keep(frame, callee, this.#runBody(callee, entry), undefined, []);
  }

  #schedule(frame: Frame, node: Node, active: Active): void {
    const producer = frame.mode === "record" ? addChild(active, span(`schedule ${node.fn}`, "producer")) : active;
    const isFollowed = frame.mode !== "none" && isKnown(node);
    if (!isFollowed) {
      frame.effects.jobs.push(() => this.root(node, true));
      return;
    }
    if (frame.mode === "pass" && producer !== undefined) producer.isUnordered = true;
    frame.effects.jobs.push(() => this.#job(node, frame.hops + 1, producer));
  }

  #job(node: Node, hops: number, producer: Active): Effects {
    // A caller that was not recorded, and had no caller that was, has nothing to hand on.
    if (producer === undefined) return this.#unsampledJob(node);
    const effects = noEffects();
    const callee = { node, type: node.type, isJob: true, hops, effects };
    if (this.#isSkipped(node)) {
      return settleJob(this.#runPassing(callee, producer), node, effects, () => undefined);
    }
    const isCut = hops > this.#rules.maxHops;
    const entry = span(`process ${node.fn}`, "consumer", node);
    if (isCut) {
      entry.links = 1;
      entry.linkedTo = producer;
    }
    const failed = this.#runBody({ ...callee, hops: isCut ? 0 : hops, mode: "record" }, entry);
    return settleJob(failed, node, effects, () => {
      if (isCut) effects.roots.push(entry);
      else adopt(producer, [entry], false);
    });
  }

  /** An internal function follows its caller, also one that is not sampled. */
  #unsampledJob(node: Node): Effects {
    const effects = noEffects();
    const frame: Frame = { node, type: node.type, mode: "pass", isJob: true, hops: 0, effects };
    const failed = this.#runBody(frame, undefined);
    return failed && node.type === "mutation" ? noEffects() : effects;
  }
}

/** What a job leaves: nothing, if it is a mutation that threw. */
function settleJob(failed: boolean, { type }: Node, effects: Effects, commit: () => void): Effects {
  if (failed && type === "mutation") return noEffects();
  commit();
  return effects;
}

/** Hands the effects of a callee to its caller, unless it is a mutation that threw. Tells whether it threw. */
function keep(
  caller: Frame,
  callee: { readonly node: Node; readonly effects: Effects },
  failed: boolean,
  parent: Active,
  spans: readonly ExpectedSpan[],
  entry?: ExpectedSpan,
): boolean {
  if (failed && callee.node.type === "mutation") return true;
  caller.effects.roots.push(...callee.effects.roots);
  caller.effects.jobs.push(...callee.effects.jobs);
  if (parent !== undefined) adopt(parent, spans, entry !== undefined && spans[0] !== entry && entry.isUnordered);
  return failed;
}

function adopt(parent: ExpectedSpan, spans: readonly ExpectedSpan[], isUnordered: boolean): void {
  parent.children.push(...spans);
  parent.isUnordered ||= isUnordered;
}

/** The entry of a nested internal function says nothing that its caller's span does not, unless something was noted on it. */
function isElided({ fn, body }: Node): boolean {
  return !fn.startsWith("open:") && !notesOnEntry(body);
}

function notesOnEntry(steps: readonly Step[]): boolean {
  for (const step of steps) {
    if (step.do === "note") return true;
    if (step.do === "throw") return false;
    if (step.do === "parallel" && step.branches.some(notesOnEntry)) return true;
  }
  return false;
}

function database(
  { mode, type }: Frame,
  what: "insert" | "collect" | "get" | "patch" | "remove",
  active: Active,
  memory: { hasItem: boolean },
): void {
  if (what !== "insert" && what !== "collect" && !memory.hasItem) return;
  if (what === "insert") memory.hasItem = true;
  if (what === "remove") memory.hasItem = false;
  if (mode === "record" && type === "mutation") addChild(active, span(DATABASE_NAMES[what], "client"));
}

const DATABASE_NAMES = { insert: "insert items", collect: "query items", get: "get", patch: "patch", remove: "delete" };

function note({ mode }: Frame, active: Active): void {
  // Only that it was: the attributes are compared elsewhere.
  if (mode === "record" && active === undefined) throw new Error("a recorded function has an active span");
}

function callerSpan({ type }: Frame, { fn }: Node): ExpectedSpan {
  return span(fn, type === "mutation" ? "internal" : "client");
}

function isKnown({ fn }: Node): boolean {
  return !fn.startsWith("plain:");
}

function noEffects(): Effects {
  return { roots: [], jobs: [] };
}

function span(name: string, kind: ExpectedSpan["kind"], call?: Node): ExpectedSpan {
  return { name, kind, failed: false, links: 0, linkedTo: undefined, children: [], isUnordered: false, call };
}

function addChild(parent: Active, child: ExpectedSpan): ExpectedSpan {
  parent?.children.push(child);
  return child;
}
