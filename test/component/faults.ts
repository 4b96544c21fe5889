/** What can go wrong between a committed mutation and its backend, one fault a row. */
import type { ReceivedRequest, ReceiverAnswer } from "../../src/testing/index.js";
import { hang, holdFor } from "./heldRequests.js";
import { type Step, STEPS } from "./steppingDrain.js";

/** Whether the backend may have taken what it seems not to have: then it gets at most one batch again each time. */
export type Copies = "none" | "a batch each time";

/** One thing that goes wrong. */
export interface Fault {
  readonly name: string;
  /** What the backend does with a request, by its number from 0; undefined if it takes it. */
  readonly answer?: (number: number, request: ReceivedRequest) => Answer | Promise<Answer>;
  /** How many spans of an accepted request that answer refuses. */
  readonly rejects?: number;
  /** Spans, by name, that the backend never takes. */
  readonly poison?: (name: string) => boolean;
  /** There is no backend while spans are recorded. */
  readonly isDown?: true;
  /** Where the drain ends, three times of ten. */
  readonly dies?: Step;
  /** Other code is deployed while the backend has the request, three times of ten. */
  readonly deploys?: true;
  /** The backend takes its time, so time has to go by. */
  readonly clock?: "runs for held requests";
  readonly copies: Copies;
}

type Answer = ReceiverAnswer | undefined;

/** Three of ten, evenly: 0, 4, 7, 10, … */
export const isHit = (number: number): boolean => (number * 3) % 10 < 3;

const hits =
  (answer: () => Answer | Promise<Answer>): NonNullable<Fault["answer"]> =>
  (number) =>
    isHit(number) ? answer() : undefined;

/** Longer than the component waits for an answer. */
const TOO_LATE_MS = 15_000;

const REJECTED = 3;
const partialSuccess = { partialSuccess: { rejectedSpans: String(REJECTED), errorMessage: "too old" } };

const isPoison = (name: string): boolean => name.endsWith("5, step 50");

const IN_TURN: readonly Answer[] = [
  { status: 503 },
  { fault: "reset" },
  { status: 429, headers: { "retry-after": "20" } },
  { fault: "reset", accept: true },
  { status: 401 },
  { status: 413 },
];

const OF_BACKEND: readonly Fault[] = [
  { name: "none", copies: "none" },
  { name: "endpoint down for an hour", isDown: true, copies: "none" },
  { name: "30 % 503", answer: hits(() => ({ status: 503 })), copies: "none" },
  {
    name: "30 % 429 with Retry-After",
    answer: hits(() => ({ status: 429, headers: { "retry-after": "30" } })),
    copies: "none",
  },
  { name: "30 % 401", answer: hits(() => ({ status: 401 })), copies: "none" },
  { name: "30 % reset, not taken", answer: hits(() => ({ fault: "reset" })), copies: "none" },
  { name: "30 % reset, taken", answer: hits(() => ({ fault: "reset", accept: true })), copies: "a batch each time" },
  {
    name: "30 % answered past the deadline",
    answer: hits(async () => {
      await holdFor(TOO_LATE_MS);
      return { accept: true };
    }),
    clock: "runs for held requests",
    copies: "a batch each time",
  },
  { name: "30 % never answered", answer: hits(hang), clock: "runs for held requests", copies: "none" },
  {
    name: "30 % partial success",
    answer: hits(() => ({ body: partialSuccess })),
    rejects: REJECTED,
    copies: "none",
  },
  {
    name: "413 above 150 spans",
    answer: (_number, { spans }) => (spans.length > 150 ? { status: 413 } : undefined),
    copies: "none",
  },
  {
    name: "400 for one span in a thousand",
    answer: (_number, { spans }) => (spans.some(({ name }) => isPoison(name)) ? { status: 400 } : undefined),
    poison: isPoison,
    copies: "none",
  },
  {
    name: "503, resets, 429, 401, 413 in turn",
    answer: (number) => (number % 2 === 0 ? IN_TURN[(number / 2) % IN_TURN.length] : undefined),
    copies: "a batch each time",
  },
];

/** From the moment at which the backend has the batch to the one at which that is written down. */
const canCopy = (step: Step): boolean =>
  STEPS.indexOf(step) >= STEPS.indexOf("in the request") && step !== "after settle";

const OF_DRAIN: readonly Fault[] = STEPS.map((step) => ({
  name: `drain killed ${step}`,
  dies: step,
  copies: canCopy(step) ? "a batch each time" : "none",
}));

const DEPLOYS: readonly Fault[] = [
  { name: "deploy while a drain runs", deploys: true, copies: "none" },
  { name: "deploy that kills the drain", deploys: true, dies: "in the request", copies: "a batch each time" },
];

export const FAULTS: readonly Fault[] = [...OF_BACKEND, ...OF_DRAIN, ...DEPLOYS];
