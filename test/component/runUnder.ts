/** Runs an app under a fault, in the strict runtime, and judges by what the receiver got. */
import { vi } from "vitest";
import { BATCH_SPANS } from "../../src/component/limits.js";
import type { DecodedSpan } from "../../src/testing/index.js";
import { type Fault, isHit } from "./faults.js";
import { steppingComponent, steppingFetch } from "./steppingDrain.js";
import { component, openJobs, strictApp, type StrictApp } from "./strictApp.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Port 2 is reserved: nobody listens there, and connections are refused. */
const NOBODY = "http://127.0.0.1:2";

/** How much is recorded: over an hour, in so many rounds of so many mutations. */
export interface Amount {
  readonly rounds: number;
  readonly mutations: number;
}

/** What became of it. */
export interface Outcome {
  readonly fault: string;
  /** Recorded by mutations that were committed. */
  readonly spans: number;
  /** Neither taken by the receiver nor counted as refused. */
  readonly lost: number;
  /** Counted: refused of accepted requests, and set aside. */
  readonly refused: number;
  /** What the receiver has refused, by its own account. */
  readonly refusals: number;
  /** Spans that the receiver was not to get, by name. */
  readonly strangers: readonly string[];
  readonly copies: number;
  readonly mostCopies: number;
  /** Calls of which more than one copy did not say that it may be one. */
  readonly unmarked: number;
  /** Counted by the outbox. */
  readonly resent: number;
  readonly delivered: number;
  readonly requests: number;
  readonly drains: number;
  readonly faults: number;
  /** What still waits or runs at the end. */
  readonly left: readonly string[];
}

/** Runs an app under a fault. */
export async function runUnder(fault: Fault, amount: Amount): Promise<Outcome> {
  // convex-test prints what its jobs throw.
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const scene = await startUnder(fault);
  const writers = await recordFor(scene.app, amount, fault);
  scene.comeBack();
  await untilRest(scene.app, fault);
  return judge(fault, scene, writers);
}

/** An app, and how often something has gone wrong with it. */
interface Scene {
  readonly app: StrictApp;
  comeBack(): void;
  faults: number;
}

async function startUnder(fault: Fault): Promise<Scene> {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: NOBODY };
  const [steps, requests] = [counter(), counter()];
  let arrival = signal();
  const fetch = steppingFetch(async (step) => {
    if (step === "before request") arrival = signal();
    if (step !== fault.dies) return "go on";
    const isNow = step === "in the request" ? await arrival.given : isHit(steps());
    if (!isNow) return "go on";
    scene.faults += 1;
    return "die";
  });
  const app = await strictApp({ component: await steppingComponent(), componentEnv: env, fetch });
  const scene: Scene = { app, faults: 0, comeBack: () => void (env.OTEL_EXPORTER_OTLP_ENDPOINT = app.receiver.url) };
  if (fault.isDown === undefined) scene.comeBack();
  app.receiver.respond(async (request) => {
    if (request.spans.every(isOfOutbox)) return undefined;
    const number = requests();
    const isNow = isHit(number);
    if (fault.deploys && isNow) {
      await deployAnother(fault, app, number);
      scene.faults += fault.dies === undefined ? 1 : 0;
    }
    arrival.give(isNow);
    // Nobody will be there to be answered; of two such requests, the backend has taken one.
    if (fault.dies === "in the request" && isNow) return { fault: "hang", accept: scene.faults % 2 === 0 };
    const answer = await fault.answer?.(number, request);
    if (answer !== undefined) scene.faults += 1;
    return answer;
  });
  return scene;
}

/** 0, 1, 2, … */
function counter(): () => number {
  let next = 0;
  return () => next++;
}

/** Tells, when it is there, whether a request is one of those at which the drain ends. */
function signal(): { readonly given: Promise<boolean>; give(isNow: boolean): void } {
  let give: (isNow: boolean) => void = () => undefined;
  const given = new Promise<boolean>((resolve) => (give = resolve));
  return { given, give };
}

/** The component as it is, and as it is here, in turn; only the latter can be made to die. */
async function deployAnother({ dies }: Fault, app: StrictApp, number: number): Promise<void> {
  await app.deploy(await (dies === undefined && number % 2 === 0 ? component() : steppingComponent()), "otel");
}

/** Records calls over an hour, and returns who has made them. In each round, one more is rolled back. */
async function recordFor(app: StrictApp, { rounds, mutations }: Amount, { clock }: Fault): Promise<string[]> {
  const writers: string[] = [];
  for (let round = 0; round < rounds; round++) {
    for (let mutation = 0; mutation < mutations; mutation++) {
      const writer = `writer ${writers.length}`;
      writers.push(writer);
      await app.mutation("hundred", writer);
    }
    await app.mutation("fail", "nobody").catch(() => undefined);
    await app.pass(HOUR / rounds, clock);
  }
  return writers;
}

/** Lets hours go by, fewer than those after which spans are dropped for their age. */
async function untilRest(app: StrictApp, { clock }: Fault): Promise<void> {
  for (let hours = 0; hours < 20; hours++) {
    await app.pass(HOUR, clock);
    const { runner } = await app.tables();
    if (runner?.status === "idle" && (await openJobs(app)).length === 0) return;
  }
}

/** What a mutation of this writer records. */
function namesOf(writer: string): string[] {
  return [...Array.from({ length: 98 }, (_, n) => `${writer}, step ${n}`), "app:hundred", "insert things"];
}

async function judge(fault: Fault, scene: Scene, writers: readonly string[]): Promise<Outcome> {
  const { app, faults } = scene;
  const { requests } = app.receiver;
  const spans = app.receiver.spans.filter((span) => !isOfOutbox(span));
  const names = writers.flatMap(namesOf);
  const arrivals = byId(spans);
  const arrived = arrivals.map(([span]) => span?.name ?? "");
  const { texts, runner } = await app.tables();
  const refused = (runner?.dropped.refused ?? 0) + (runner?.dropped.rejected ?? 0);
  const poison = names.filter((name) => fault.poison?.(name));
  const refusals = (fault.rejects ?? 0) * faults + poison.length;
  return {
    fault: fault.name,
    spans: names.length,
    lost: without(names, [...arrived, ...poison]).length + refusals - refused,
    refused,
    refusals,
    strangers: without(arrived, names),
    copies: spans.length - arrivals.length,
    mostCopies: fault.copies === "none" ? 0 : faults * BATCH_SPANS,
    unmarked: arrivals.filter((copies) => copies.filter(isUnmarked).length > 1).length,
    resent: runner?.resent ?? 0,
    delivered: runner?.delivered ?? 0,
    requests: requests.length,
    drains: app.callsOf("otel/drain:drain").length,
    faults,
    left: [...texts.map(() => "text"), ...(runner?.status === "idle" ? [] : ["drain"]), ...(await openJobs(app))],
  };
}

/** What the outbox says itself, about what was refused. */
function isOfOutbox({ name }: DecodedSpan): boolean {
  return name === "telemetry dropped";
}

/** Spans with the copies that came of them. */
function byId(spans: readonly DecodedSpan[]): DecodedSpan[][] {
  const all = new Map<string, DecodedSpan[]>();
  for (const span of spans) {
    const key = `${span.traceId} ${span.spanId}`;
    const copies = all.get(key);
    if (copies === undefined) all.set(key, [span]);
    else copies.push(span);
  }
  return [...all.values()];
}

/** What is in the first list and not in the second; a name may be in each more than once. */
function without(all: readonly string[], some: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const name of some) left.set(name, (left.get(name) ?? 0) + 1);
  return all.filter((name) => {
    const count = left.get(name) ?? 0;
    left.set(name, count - 1);
    return count <= 0;
  });
}

/** The span that begins a call says that it may have come before. All copies but one do; the one may come last. */
function isUnmarked({ name, attributes }: DecodedSpan): boolean {
  return name === "app:hundred" && attributes["convex.telemetry.resend"] !== true;
}
