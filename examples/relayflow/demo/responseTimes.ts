/** How much longer a sender waits for its answer because of tracing. */
import type { Backend } from "./backend.js";
import type { WayOut } from "./bundledApp.js";
import { withEnvironment, type Variables } from "./environment.js";
import { appVariables, postWebhook } from "./runScenario.js";
import { openSpanTarget } from "./spanTarget.js";
import { SIGNING_SECRET, stripeBody } from "./stripe.js";
import { startTargetApi } from "./targetApi.js";

/** The first webhooks are not counted: they find nothing compiled. */
const WARM_UP_ROUNDS = 5;

/** Medians in milliseconds. */
export interface ResponseTimes {
  readonly off: number;
  readonly on: number;
  readonly withoutOutbox: number;
}

/**
 * Measures the median response time in milliseconds: webhooks with tracing off and on in turn, so that a slow moment of the machine
 * hits all alike. Always sends spans to a receiver of its own: nobody wants the traces of a measurement in a real backend.
 */
export async function measureResponses(
  start: (wayOut: WayOut) => Promise<Backend>,
  rounds: number,
): Promise<ResponseTimes> {
  const api = await startTargetApi({}, () => undefined);
  const spans = await openSpanTarget(undefined);
  const backends = { off: await start("jobs"), on: await start("outbox"), withoutOutbox: await start("jobs") };
  try {
    // Set all the time: the outbox sends when it is due, whoever has the turn.
    return await withEnvironment({ ...appVariables(api.url), ...spans.variables }, async () => {
      const off = startSeries(backends.off, { OTEL_SDK_DISABLED: "true" });
      const on = startSeries(backends.on, { OTEL_SDK_DISABLED: undefined });
      const withoutOutbox = startSeries(backends.withoutOutbox, { OTEL_SDK_DISABLED: undefined });
      for (let round = 0; round < rounds + WARM_UP_ROUNDS; round++) {
        for (const series of [off, on, withoutOutbox]) await series.send(round);
      }
      await backends.on.flush();
      return { off: off.medianMs(), on: on.medianMs(), withoutOutbox: withoutOutbox.medianMs() };
    });
  } finally {
    for (const backend of Object.values(backends)) await backend.close();
    await spans.close();
    await api.close();
  }
}

interface Series {
  send(round: number): Promise<void>;
  medianMs(): number;
}

function startSeries(backend: Backend, variables: Variables): Series {
  const times: number[] = [];
  return {
    send: (round) => withEnvironment(variables, async () => void times.push(await timedWebhook(backend, round))),
    medianMs: () => median(times.slice(WARM_UP_ROUNDS)),
  };
}

/** The time to the answer. What the webhook has set off is waited for, but not counted. */
async function timedWebhook(backend: Backend, round: number): Promise<number> {
  const body = await stripeBody("chargeRefunded", `evt_measured_${round}`);
  const start = performance.now();
  const response = await postWebhook(backend, body, SIGNING_SECRET);
  await response.text();
  const elapsed = performance.now() - start;
  await backend.drain();
  return elapsed;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
