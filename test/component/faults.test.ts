/**
 * What a committed mutation recorded arrives, or is counted as refused, whatever goes wrong; what arrives twice says so. `npm run test:soak`
 * does the same with 100,000 spans for each fault, and prints the table of docs/outbox.md.
 */
import { beforeAll, expect, it } from "vitest";
import { FAULTS } from "./faults.js";
import { type Amount, type Outcome, runUnder } from "./runUnder.js";
import { STEPS, steppingComponent, steppingFetch } from "./steppingDrain.js";
import { component, strictApp } from "./strictApp.js";

const isSoak = process.env["CONVEX_OTEL_SOAK_MINUTES"] !== undefined;

/** A hundred spans for each mutation. In a soak batches are sent all the time; in a build, two in each half of an hour. */
const AMOUNT: Amount = isSoak ? { rounds: 50, mutations: 20 } : { rounds: 2, mutations: 6 };
const TIMEOUT_MS = isSoak ? 60 * 60_000 : 180_000;

const HEADER = `| fault | spans | lost | counted as refused | copies | requests | drains |
| --- | --- | --- | --- | --- | --- | --- |`;

function row({ fault, spans, lost, refused, copies, requests, drains }: Outcome): string {
  const numbers = [spans, lost, refused, copies, requests, drains].map((number) => number.toLocaleString("en"));
  return `| ${[fault, ...numbers].join(" | ")} |`;
}

it("these are all awaited steps of a drain", async () => {
  const steps: string[] = [];
  const fetch = steppingFetch(async (step) => {
    steps.push(step);
    return "go on";
  });
  const app = await strictApp({ component: await steppingComponent(), fetch });
  for (let call = 0; call < 6; call++) await app.mutation("hundred", `writer ${call}`);
  await app.pass(5_000);
  await app.deploy(await component(), "otel");
  await app.pass(60_000);
  // Two batches: one is full, and the other is sent later.
  const [claim, batch] = [STEPS.slice(0, 2), STEPS.slice(2)];
  expect(steps).toEqual([...claim, ...batch]);
  const [, asItIs] = app.callsOf("otel/drain:drain");
  expect(asItIs?.operations.map(({ name }) => name)).toEqual(["1.0/actions/mutation", "fetch", "1.0/actions/mutation"]);
});

beforeAll(() => {
  if (isSoak) console.info(HEADER);
});

it.each(FAULTS)(
  "$name",
  async (fault) => {
    const outcome = await runUnder(fault, AMOUNT);
    if (isSoak) console.info(row(outcome));
    const { spans, lost, refused, refusals, strangers, copies, mostCopies, unmarked, resent, delivered, left } =
      outcome;
    expect({ lost, strangers, unmarked, left }).toEqual({ lost: 0, strangers: [], unmarked: 0, left: [] });
    expect(spans).toBe(AMOUNT.rounds * AMOUNT.mutations * 100);
    expect({ refused, delivered }).toEqual({ refused: refusals, delivered: spans - refused });
    expect(copies).toBeLessThanOrEqual(Math.min(mostCopies, resent));
    // Each row is about something that did happen.
    if (fault.name !== "none" && fault.isDown === undefined) expect(outcome.faults).toBeGreaterThan(0);
    // Few attempts in an hour without a backend.
    if (fault.isDown) expect(outcome.drains).toBeLessThan(40);
    if (fault.copies !== "none") expect(copies).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);
