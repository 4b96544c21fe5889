/** The outbox from a caller's transaction to the backend: what happens when all is well, and that nothing happens when nothing waits. */
import { expect, it } from "vitest";
import { outboxApp } from "./outboxApp.js";

it("collects the texts of many calls into one request, and then rests", async () => {
  const { record, receiver, pass, tables, jobs, status } = await outboxApp();
  const names = [...(await record(3)), ...(await record(40, 2))];
  await pass(10_000);
  expect(receiver.requests).toHaveLength(1);
  expect(receiver.spans.map(({ name }) => name)).toEqual(names);
  expect(await status()).toMatchObject({
    state: "idle",
    pending: 0,
    delivered: 83,
    resent: 0,
    failed: 0,
    lastError: null,
  });
  await pass(10 * 60_000);
  const { texts, runner } = await tables();
  expect([texts, runner?.watchAt]).toEqual([[], 0]);
  expect((await jobs()).every(({ state }) => state.kind === "success")).toBe(true);
});
