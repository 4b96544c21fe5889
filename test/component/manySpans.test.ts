/** A hundred thousand spans, under faults of all kinds at once: none is lost, and copies are no more than the outbox says. */
import { expect, it } from "vitest";
import type { ReceiverAnswer } from "../../src/testing/index.js";
import { outboxApp } from "./outboxApp.js";

const MINUTE = 60_000;
const CALLS_A_MINUTE = 250;
const SPANS_OF_A_CALL = 20;
const MINUTES = 20;

/** In turn; the rest is accepted. */
const FAULTS: readonly ReceiverAnswer[] = [
  { status: 503 },
  { fault: "reset" },
  { status: 429, headers: { "retry-after": "20" } },
  { fault: "reset", accept: true },
  { status: 401 },
  { status: 413 },
];

it("loses none of 100,000 spans", async () => {
  const app = await outboxApp();
  let requests = 0;
  app.receiver.respond(() => (++requests % 4 === 0 ? FAULTS[(requests / 4) % FAULTS.length] : undefined));
  const names = new Set<string>();
  for (let minute = 0; minute < MINUTES; minute++) {
    for (const name of await app.record(CALLS_A_MINUTE, SPANS_OF_A_CALL)) names.add(name);
    await app.pass(MINUTE);
  }
  await app.pass(120 * MINUTE);
  expect(names.size).toBe(100_000);
  const arrived = new Set(app.receiver.spans.map(({ name }) => name));
  expect([...names].filter((name) => !arrived.has(name))).toEqual([]);
  const { delivered, resent, dropped, pending, failed } = await app.status();
  expect([pending, failed, dropped]).toEqual([0, 0, { age: 0, bytes: 0, rejected: 0, refused: 0, purged: 0 }]);
  expect(delivered).toBe(100_000);
  expect(app.receiver.duplicates).toBeGreaterThan(0);
  expect(app.receiver.duplicates).toBeLessThanOrEqual(resent);
}, 120_000);
