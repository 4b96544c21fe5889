/** The example app with a stubbed target, in the runtime of the project: what the tests of the pipeline share. It has its component. */
/// <reference types="vite/client" />
import { makeFunctionReference } from "convex/server";
import { convexTest, type TestConvex } from "convex-test";
import { vi } from "vitest";
import schema from "../../examples/relayflow/convex/schema.js";
import { outboxStatus } from "../../examples/relayflow/demo/outbox.js";
import { stripeSignature } from "../../examples/relayflow/demo/stripe.js";
import { register } from "../../src/test.js";
import { decodeOtlp, type DecodedSpan } from "../../src/testing/decodeOtlp.js";
import { runOut } from "../runtimes/jobs.js";
import { runtime } from "../runtimes/runtime.js";

export type App = TestConvex<typeof schema>;

const SECRET = "whsec_test";

const modules = import.meta.glob("../../examples/relayflow/convex/**/*.*s");

/** References by name: the generated ones would pull the types of the whole app into this project. */
export const functions = {
  list: makeFunctionReference<"query">("tasks:list"),
  settle: makeFunctionReference<"mutation">("tasks:settle"),
  settleStalled: makeFunctionReference<"mutation">("stalled:settleStalled"),
  replay: makeFunctionReference<"mutation">("deadLetters:replay"),
};

/** Starts the app on fake timers; scheduled functions run when `finish` is called. */
export async function startApp(): Promise<App> {
  const t = runtime === "strict" ? await startStrict() : startPlain();
  vi.useFakeTimers();
  vi.stubEnv("STRIPE_WEBHOOK_SECRET", SECRET);
  vi.stubEnv("RELAY_TARGET_URL", "https://target.test/hooks");
  vi.stubEnv("RELAY_MAX_ATTEMPTS", "3");
  vi.stubEnv("RELAY_RETRY_BASE_MS", "1000");
  return t;
}

function startPlain(): App {
  const t = convexTest({ schema, modules });
  register(t);
  return t;
}

let close: () => Promise<void> = async () => undefined;

async function startStrict(): Promise<App> {
  // Loaded here: the other projects need no bundler.
  const { startBundled } = await import("./bundledApp.js");
  const { expectRules } = await import("../runtimes/rules.js");
  const { t, calls, close: end } = await startBundled({ env: process.env, wayOut: "outbox" });
  close = async () => {
    await end();
    expectRules(calls);
  };
  return t;
}

/** A call that the target got. */
export interface TargetRequest {
  readonly url: string;
  readonly idempotencyKey: string | undefined;
  readonly at: number;
}

const OTLP_ENDPOINT = "https://otel.test";

/** Turns tracing on. The spans arrive at {@link Outside.spans}. */
export function traceApp(): void {
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", OTLP_ENDPOINT);
}

/** The world outside, as the app sees it through `fetch`. */
export interface Outside {
  /** Calls that the target got. */
  readonly requests: TargetRequest[];
  /** Spans that the OTLP endpoint got. */
  readonly spans: DecodedSpan[];
}

/** Lets the target answer with these statuses in turn, the last one from then on; "down" is no answer at all. */
export function stubOutside(...answers: readonly (number | "down")[]): Outside {
  const outside: Outside = { requests: [], spans: [] };
  vi.stubGlobal("fetch", (input: URL | string, init: RequestInit) => {
    const url = String(input);
    if (url.startsWith(OTLP_ENDPOINT)) {
      if (typeof init.body === "string") outside.spans.push(...decodeOtlp(init.body));
      return Promise.resolve(new Response("{}"));
    }
    const answer = answers[Math.min(outside.requests.length, answers.length - 1)] ?? 200;
    const idempotencyKey = new Headers(init.headers).get("idempotency-key") ?? undefined;
    outside.requests.push({ url, idempotencyKey, at: Date.now() });
    if (answer === "down") return Promise.reject(new TypeError("fetch failed"));
    return Promise.resolve(new Response(null, { status: answer }));
  });
  return outside;
}

/** Puts everything back that {@link startApp} and {@link stubOutside} replaced. */
export async function stopApp(): Promise<void> {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  await close();
  close = async () => undefined;
}

/** Delivers a body as Stripe does. */
export async function deliver(t: App, body: string, signature = stripeSignature(body, SECRET)): Promise<unknown> {
  const headers = { "stripe-signature": signature };
  const response = await t.fetch("/webhooks/stripe", { method: "POST", headers, body });
  return { status: response.status, ...((await response.json()) as object) };
}

/** Runs everything that is scheduled, retries included, and waits until the outbox has sent what it holds. */
export async function finish(t: App): Promise<void> {
  await runOut(t);
  for (let second = 0; (await outboxStatus(t)).pending > 0; second++) {
    if (second === 60) throw new Error("the outbox did not send");
    await vi.advanceTimersByTimeAsync(1_000);
    await t.finishInProgressScheduledFunctions();
  }
}

export const TABLES = ["webhookDeliveries", "events", "automationTasks", "deadLetters"] as const;

/** All documents of a table. */
export async function documents(t: App, table: (typeof TABLES)[number]): Promise<readonly Record<string, unknown>[]> {
  return await t.run(async (ctx) => await ctx.db.query(table).collect());
}
