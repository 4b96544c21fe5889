/** What happens in the demo, and what is expected to come of it. Data, so that tests can read it too. */
import type { EventName } from "./stripe.js";
import type { TargetScript } from "./targetApi.js";

/** One webhook of the demo. */
export interface ScenarioStep {
  readonly title: string;
  readonly event: EventName;
  /** Signed with the wrong secret. @defaultValue `false` */
  readonly isForged?: boolean;
  readonly expected: ExpectedOutcome;
}

/** What a webhook must lead to. */
export interface ExpectedOutcome {
  readonly status: number;
  readonly outcome: string;
  /** Absent if there must be no task. */
  readonly task?: { readonly status: string; readonly attempts: number };
}

/** All attempts of a task, the first included. */
export const MAX_ATTEMPTS = 3;

/** The delay before the first retry, in milliseconds: short, since people are watching. */
export const RETRY_BASE_MS = 150;

/** How long the outbox collects spans, in milliseconds: a second instead of five, for the same reason. */
export const OUTBOX_DELAY_MS = 1_000;

export const TARGET_SCRIPT: TargetScript = {
  "record-payment": [200, 503, 200],
  "fulfill-order": [503],
};

export const SCENARIO: readonly ScenarioStep[] = [
  {
    title: "succeeds at once",
    event: "invoicePaid",
    expected: { status: 200, outcome: "processed", task: { status: "succeeded", attempts: 1 } },
  },
  {
    title: "fails once and is retried",
    event: "paymentSucceeded",
    expected: { status: 200, outcome: "processed", task: { status: "succeeded", attempts: 2 } },
  },
  {
    title: "fails for good and is dead-lettered",
    event: "checkoutCompleted",
    expected: { status: 200, outcome: "processed", task: { status: "dead_lettered", attempts: MAX_ATTEMPTS } },
  },
  {
    title: "has a bad signature",
    event: "chargeRefunded",
    isForged: true,
    expected: { status: 401, outcome: "rejected" },
  },
];
