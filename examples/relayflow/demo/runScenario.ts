/** Sends the webhooks of the scenario to a fresh backend, one after the other, and takes note of what came of them. */
import type { OutboxStatus } from "../../../src/component/_generated/component.js";
import type { Backend, DatabaseContent, Job } from "./backend.js";
import { withEnvironment, type Variables } from "./environment.js";
import {
  MAX_ATTEMPTS,
  OUTBOX_DELAY_MS,
  RETRY_BASE_MS,
  SCENARIO,
  TARGET_SCRIPT,
  type ScenarioStep,
} from "./scenario.js";
import { SIGNING_SECRET, stripeBody, stripeSignature } from "./stripe.js";
import { startTargetApi, type TargetCall } from "./targetApi.js";

/** Takes lines of progress. */
export type Log = (line: string) => void;

/** A webhook that was sent, and the answer to it. */
export interface SentWebhook {
  readonly step: ScenarioStep;
  readonly eventId: string;
  readonly status: number;
  readonly outcome: string;
  /** The id in the answer's `X-Correlation-ID`. Only there while tracing is on. */
  readonly correlationId: string | undefined;
}

/** What was there when everything had come to rest. */
export interface ScenarioRun {
  readonly webhooks: readonly SentWebhook[];
  readonly content: DatabaseContent;
  readonly jobs: readonly Job[];
  readonly calls: readonly TargetCall[];
  /** What the outbox says at the end. Undefined if spans left without it. */
  readonly outbox: OutboxStatus | undefined;
}

/** What a run is made from. */
export interface ScenarioOptions {
  /** Starts an empty backend with the app on it. */
  readonly start: () => Promise<Backend>;
  /** Makes the event ids of this run differ from those of others. */
  readonly runId: string;
  /** The `OTEL_*` variables of the deployment. */
  readonly variables: Variables;
  readonly log: Log;
}

/** Runs the scenario. */
export async function runScenario({ start, runId, variables, log }: ScenarioOptions): Promise<ScenarioRun> {
  const target = await startTargetApi(TARGET_SCRIPT, ({ handler, status }) => log(`    POST /${handler} → ${status}`));
  const backend = await start();
  try {
    return await withEnvironment({ ...appVariables(target.url), ...variables }, async () => {
      const webhooks: SentWebhook[] = [];
      for (const step of SCENARIO) webhooks.push(await sendAndWait(backend, step, runId, log));
      await backend.flush();
      const [content, jobs, outbox] = [await backend.content(), await backend.jobs(), await backend.outbox()];
      return { webhooks, content, jobs, calls: target.calls, outbox };
    });
  } finally {
    await backend.close();
    await target.close();
  }
}

/** What an operator would set with `npx convex env set`. */
export function appVariables(targetUrl: string): Variables {
  return {
    STRIPE_WEBHOOK_SECRET: SIGNING_SECRET,
    RELAY_TARGET_URL: targetUrl,
    RELAY_MAX_ATTEMPTS: String(MAX_ATTEMPTS),
    RELAY_RETRY_BASE_MS: String(RETRY_BASE_MS),
    OTEL_BSP_SCHEDULE_DELAY: String(OUTBOX_DELAY_MS),
  };
}

async function sendAndWait(backend: Backend, step: ScenarioStep, runId: string, log: Log): Promise<SentWebhook> {
  const eventId = `evt_${step.event}_${runId}`;
  const body = await stripeBody(step.event, eventId);
  log(`  ${step.event}, which ${step.title}`);
  const response = await postWebhook(backend, body, step.isForged ? "whsec_forged" : SIGNING_SECRET);
  const { outcome } = (await response.json()) as { outcome: string };
  log(`    answered ${response.status} ${outcome}`);
  await backend.drain();
  const correlationId = response.headers.get("x-correlation-id") ?? undefined;
  return { step, eventId, status: response.status, outcome, correlationId };
}

/** Delivers a body as Stripe does. */
export async function postWebhook(backend: Backend, body: string, secret: string): Promise<Response> {
  const headers = { "content-type": "application/json", "stripe-signature": stripeSignature(body, secret) };
  return await backend.fetch("/webhooks/stripe", { method: "POST", headers, body });
}
