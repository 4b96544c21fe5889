/**
 * Who waits for an endpoint that takes requests and never answers: nobody, but for an action without the component. What is asserted is
 * the order of events; how long it takes is in `docs/performance.md`.
 */
import { expect, it, vi } from "vitest";
import { spanTree } from "../../src/testing/index.js";
import { hang } from "./heldRequests.js";
import { strictApp, type StrictApp, wrongCalls } from "./strictApp.js";

const MINUTE = 60_000;

/** An app whose endpoint is a black hole, and what happens, in its order. */
async function start(variant: "outbox" | "jobs") {
  const app = await strictApp({ variant });
  const events: string[] = [];
  const asked = new Promise<void>((resolve) => {
    app.receiver.respond(() => {
      events.push("request");
      resolve();
      return hang();
    });
  });
  return { app, events, asked };
}

/** Time goes by until the endpoint was asked, and then until it answers again and has everything. */
async function expectRequestAfter(events: string[], app: StrictApp, before: readonly string[]): Promise<void> {
  expect(events).toEqual(before);
  await app.pass(10_000, "runs for held requests");
  expect(events).toEqual([...before, "request"]);
  expect(app.receiver.spans).toEqual([]);
  app.receiver.respond([]);
  await app.pass(5 * MINUTE, "runs for held requests");
  expect(wrongCalls(app.calls)).toEqual([]);
}

const calls: Readonly<Record<string, (app: StrictApp) => Promise<unknown>>> = {
  "app:touch": (app) => app.mutation("touch", "a"),
  "app:think": (app) => app.action("think", "a"),
  "POST /touch": async (app) => (await app.t.fetch("/touch", { method: "POST" })).text(),
};

it.each([
  ["app:touch", "outbox"],
  ["app:think", "outbox"],
  ["POST /touch", "outbox"],
  ["app:touch", "jobs"],
  ["POST /touch", "jobs"],
] as const)("%s returns before the endpoint is contacted (%s)", async (name, variant) => {
  const { app, events } = await start(variant);
  await calls[name]?.(app);
  events.push("returned");
  await expectRequestAfter(events, app, ["returned"]);
  expect(app.names()).toEqual([name]);
});

it("without the component an action waits for a second, and then leaves it to a job", async () => {
  const { app, events, asked } = await start("jobs");
  const begin = Date.now();
  const returned = app.action("think", "a").then(() => events.push("returned"));
  await asked;
  await vi.advanceTimersByTimeAsync(999);
  expect(events).toEqual(["request"]);
  await vi.advanceTimersByTimeAsync(100);
  await returned;
  expect([events, Date.now() - begin]).toEqual([["request", "returned"], 1_099]);
  app.receiver.respond([]);
  await app.pass(MINUTE);
  expect(app.names()).toEqual(["app:think"]);
});

it.each(["outbox", "jobs"] as const)("a stream ends before the endpoint is contacted (%s)", async (variant) => {
  const { app, events } = await start(variant);
  const { body } = await app.t.fetch("/stream");
  for await (const chunk of body ?? []) events.push(new TextDecoder().decode(chunk));
  events.push("end");
  await expectRequestAfter(events, app, ["one ", "two ", "three", "end"]);
  expect(spanTree(app.receiver.spans)).toBe(`GET /stream [server]
├─ chunk
├─ chunk
├─ chunk
└─ chunk`);
});
