/** Compares what happened with what the scenario expects, in sentences. */
import type { OutboxStatus } from "../../../src/component/_generated/component.js";
import type { ScenarioRun, SentWebhook } from "./runScenario.js";

/** What went otherwise than expected; empty if nothing did. */
export function unmetExpectations(run: ScenarioRun): readonly string[] {
  const webhooks = run.webhooks.flatMap((webhook) => [...answerProblems(webhook), ...taskProblems(webhook, run)]);
  const failed = run.jobs.filter(({ state }) => state === "failed").map(({ name }) => `${name} failed`);
  return [...webhooks, ...failed, ...(run.outbox === undefined ? [] : outboxProblems(run.outbox))];
}

/** A demo with a backend that is up has nothing to retry and nothing to drop. */
function outboxProblems({ pending, failed, resent, dropped, lastError }: OutboxStatus): readonly string[] {
  const lost = failed + Object.values(dropped).reduce((sum, spans) => sum + spans, 0);
  return [
    ...(lastError === null ? [] : [`the outbox was told: ${lastError.message}`]),
    ...(pending === 0 ? [] : [`the outbox still holds the spans of ${pending} calls`]),
    ...(lost === 0 ? [] : [`the outbox could not deliver ${lost} spans`]),
    ...(resent === 0 ? [] : [`the outbox sent ${resent} spans twice`]),
  ];
}

function answerProblems({ step, status, outcome }: SentWebhook): readonly string[] {
  const { expected } = step;
  if (status === expected.status && outcome === expected.outcome) return [];
  return [`${step.event}: answered ${status} ${outcome}, expected ${expected.status} ${expected.outcome}`];
}

/** Tasks are found through their event: it holds the id that the webhook was sent with. */
function taskProblems({ step, eventId }: SentWebhook, { content }: ScenarioRun): readonly string[] {
  const event = content["events"]?.find(({ providerEventId }) => providerEventId === eventId);
  const task = event && content["automationTasks"]?.find((document) => document["eventId"] === event["_id"]);
  const actual = task === undefined ? "no task" : `${String(task["status"])} after ${String(task["attempts"])}`;
  const { task: wanted } = step.expected;
  const expected = wanted === undefined ? "no task" : `${wanted.status} after ${wanted.attempts}`;
  return actual === expected ? [] : [`${step.event}: ${actual}, expected ${expected}`];
}
