/**
 * What a run looked like from outside of the library: everything a program, its caller, its data or Convex's cache could
 * notice. Two runs of one program are the same if these are equal.
 */
import { CARRIER_FIELD } from "../../src/index.js";
import type { StrictCall, StrictOperation } from "../../src/testing/strict/index.js";
import { isHandOver } from "./outbox.js";
import { type Backend, DELIVER, type Job, jobsOf, nodeOf, type Run } from "./runProgram.js";

/** A run, comparable. */
export interface Observed {
  readonly answer: unknown;
  readonly calls: readonly ObservedCall[];
  readonly documents: readonly string[];
  readonly jobs: readonly string[];
}

interface ObservedCall {
  readonly node: string;
  readonly path: string;
  readonly parent: string | undefined;
  readonly attempt: number;
  readonly outcome: string;
  readonly error: string | undefined;
  readonly args: string;
  readonly operations: readonly string[];
  readonly console: readonly string[];
  readonly unawaited: readonly string[];
  readonly envReads: readonly string[];
  readonly query: object | undefined;
  readonly importReads: object;
}

/** Looks at a run. */
export async function observe({ backend, answer }: Run): Promise<Observed> {
  const hasOutbox = backend.calls.some(({ componentPath }) => componentPath !== "");
  const calls = backend.calls
    .filter(({ componentPath, path }) => componentPath === "" && path !== DELIVER)
    .map((call) => observeCall(call, hasOutbox));
  return {
    answer,
    // Which of two parallel calls is first is not part of a program's meaning.
    calls: calls.sort((a, b) => compare(`${a.node} ${a.attempt}`, `${b.node} ${b.attempt}`)),
    documents: await documentsOf(backend),
    jobs: (await jobsOf(backend))
      .filter(({ name }) => name !== DELIVER)
      .map(jobText)
      .sort(compare),
  };
}

function observeCall(call: StrictCall, hasOutbox: boolean): ObservedCall {
  const { path, parent, attempt, outcome, error, type, importReads } = call;
  return {
    node: nameOf(call),
    path,
    parent: parent && nameOf(parent),
    attempt,
    outcome,
    error,
    args: withoutCarriers(call.argsJson),
    operations: operationsOf(call),
    // The one line that the outermost mutation prints when it throws: docs/delivery.md.
    console: call.console
      .map(({ level, text }) => `${level} ${text}`)
      .filter((line) => !line.includes("convex-otel/1 ") && (hasOutbox || !line.includes(OUTBOX_MISSING))),
    unawaited: call.unawaited,
    envReads: type === "query" ? call.envReads : call.envReads.filter(isOfApp),
    query: type === "query" ? observeQuery(call) : undefined,
    importReads,
  };
}

/** What some calls print where the outbox is not installed. */
const OUTBOX_MISSING = "[convex-otel] outbox.failed: ";

/** In the order in which they were asked for. Branches of an action run in real time, so their order is chance. */
function operationsOf(call: StrictCall): string[] {
  const texts = call.operations.filter(isOfProgram).map(operationText);
  const isTransaction = call.type === "query" || call.type === "mutation";
  const body = JSON.stringify(nodeOf(call)?.body ?? "parallel");
  return isTransaction || !body.includes("parallel") ? texts : texts.sort(compare);
}

/** All that Convex's cache looks at. */
function observeQuery({
  clockReads,
  randomDraws,
  observedTime,
  observedRandom,
  cacheKey,
  console,
}: StrictCall): object {
  return { clockReads, randomDraws, observedTime, observedRandom, cacheKey, lines: console.length };
}

function nameOf(call: StrictCall): string {
  return nodeOf(call)?.id ?? call.path;
}

function isOfApp(name: string): boolean {
  return !/^(CONVEX_)?OTEL_/.test(name);
}

/** All but the metadata that spans are described with, and how they leave. */
function isOfProgram({ kind, name, argsJson }: StrictOperation): boolean {
  if (kind === "schedule") return !argsJson.includes(DELIVER);
  return kind !== "metadata" && name !== "fetch" && !isHandOver(argsJson);
}

function operationText({ name, argsJson }: StrictOperation): string {
  return `${name} ${withoutIds(withoutTimes(withoutCarriers(argsJson)))}`;
}

async function documentsOf({ t }: Backend): Promise<string[]> {
  const documents = await t.run(async (ctx) => await ctx.db.query("items").collect());
  return documents.map(({ by, value }) => `${by}=${value}`).sort(compare);
}

function jobText({ name, args, state }: Job): string {
  return `${name} ${state} ${withoutCarriers(JSON.stringify(args))}`;
}

/** The same JSON without the reserved argument, wherever it is. */
function withoutCarriers(json: string): string {
  if (!json.includes(CARRIER_FIELD)) return json;
  return JSON.stringify(JSON.parse(json, (key, value: unknown) => (key === CARRIER_FIELD ? undefined : value)));
}

/** Ids of documents and of running queries count up over the whole backend, and deliveries are documents too. */
function withoutIds(text: string): string {
  return text.replace(/\b\d{20,}([a-z_]+)/g, "id of $1").replace(/"queryId":\d+/g, '"queryId":0');
}

/** When a job is due, in seconds. */
function withoutTimes(json: string): string {
  return json.replace(/"ts":[\d.]+/g, '"ts":0');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
