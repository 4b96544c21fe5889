/** The parts of the demo that judge: each must be able to say no. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { comparable, compareRuns } from "../../examples/relayflow/demo/comparison.js";
import { diagnosticsDuring } from "../../examples/relayflow/demo/diagnostics.js";
import { withEnvironment } from "../../examples/relayflow/demo/environment.js";
import { unmetExpectations } from "../../examples/relayflow/demo/expectations.js";
import type { ScenarioRun, SentWebhook } from "../../examples/relayflow/demo/runScenario.js";
import type { ScenarioStep } from "../../examples/relayflow/demo/scenario.js";
import { startTargetApi } from "../../examples/relayflow/demo/targetApi.js";
import { spanProblems, traceReports } from "../../examples/relayflow/demo/traceReports.js";
import type { OutboxStatus } from "../../src/component/_generated/component.js";
import type { SpanRecord } from "../../src/core/types.js";

const STEP: ScenarioStep = {
  title: "is an example",
  event: "invoicePaid",
  expected: { status: 200, outcome: "processed", task: { status: "succeeded", attempts: 1 } },
};

const WEBHOOK: SentWebhook = {
  step: STEP,
  eventId: "evt_1",
  status: 200,
  outcome: "processed",
  correlationId: "evt_1",
};

/** A run that went well; ids and times are as different from run to run as they really are. */
function goodRun(nonce: number, task: object = {}): ScenarioRun {
  const eventId = `event${nonce}`;
  return {
    webhooks: [WEBHOOK],
    content: {
      webhookDeliveries: [{ _id: `delivery${nonce}`, traceparent: `00-${"ab".repeat(16)}-${"cd".repeat(8)}-01` }],
      events: [{ _id: eventId, _creationTime: nonce, providerEventId: "evt_1" }],
      automationTasks: [{ _id: `task${nonce}`, eventId, dueAt: nonce, status: "succeeded", attempts: 1, ...task }],
    },
    jobs: [{ name: "tasks:executeTask", state: "success" }],
    calls: [{ handler: "record-payment", status: 200, idempotencyKey: `task${nonce}`, body: { _id: eventId } }],
    outbox: undefined,
  };
}

const OUTBOX: OutboxStatus = {
  state: "idle",
  pending: 0,
  pendingIsAtLeast: false,
  pendingBytes: 0,
  oldestAgeMs: null,
  failed: 0,
  delivered: 7,
  resent: 0,
  restarts: 0,
  dropped: { age: 0, bytes: 0, rejected: 0, refused: 0, purged: 0 },
  lastError: null,
};

describe("compareRuns", () => {
  it("finds runs equal that differ in ids and times alone", () => {
    expect(comparable(goodRun(1))).toEqual(comparable(goodRun(2)));
    expect(compareRuns(goodRun(1), goodRun(2))).toMatchObject({ isEqual: true, documents: { off: 3, on: 3 } });
  });

  it.each([
    ["a field", goodRun(2, { attempts: 2 })],
    ["an additional field", goodRun(2, { lastError: "HTTP 503" })],
    ["what a document refers to", goodRun(2, { eventId: "delivery2" })],
    ["an answer", { ...goodRun(2), webhooks: [{ ...WEBHOOK, status: 500 }] }],
    ["the number of calls", { ...goodRun(2), calls: [] }],
    ["a document more", { ...goodRun(2), content: { ...goodRun(2).content, deadLetters: [{ _id: "letter" }] } }],
  ])("finds a difference in %s", (_, run) => {
    expect(compareRuns(goodRun(1), run).isEqual).toBe(false);
  });

  it("counts what was added", () => {
    const added = ["otel:deliver", "otel/drain:drain"].map((name) => ({ name, state: "success" }));
    const comparison = compareRuns(goodRun(1), { ...goodRun(2), jobs: [...goodRun(2).jobs, ...added] });
    expect(comparison).toMatchObject({ isEqual: true, scheduledRuns: { off: 1, on: 3 }, deliverRuns: 2 });
  });
});

describe("unmetExpectations", () => {
  it.each([
    ["nothing", goodRun(1), []],
    [
      "another answer",
      { ...goodRun(1), webhooks: [{ ...WEBHOOK, status: 401, outcome: "rejected" }] },
      ["invoicePaid: answered 401 rejected, expected 200 processed"],
    ],
    [
      "another end of a task",
      goodRun(1, { status: "dead_lettered", attempts: 3 }),
      ["invoicePaid: dead_lettered after 3, expected succeeded after 1"],
    ],
    ["a missing task", { ...goodRun(1), content: {} }, ["invoicePaid: no task, expected succeeded after 1"]],
    ["an empty outbox", { ...goodRun(1), outbox: OUTBOX }, []],
    [
      "what the outbox still holds",
      { ...goodRun(1), outbox: { ...OUTBOX, pending: 2, lastError: { at: 0, message: "HTTP 503" } } },
      ["the outbox was told: HTTP 503", "the outbox still holds the spans of 2 calls"],
    ],
    [
      "what the outbox lost, or sent twice",
      { ...goodRun(1), outbox: { ...OUTBOX, failed: 1, resent: 3, dropped: { ...OUTBOX.dropped, age: 2 } } },
      ["the outbox could not deliver 3 spans", "the outbox sent 3 spans twice"],
    ],
    ["a failed job", { ...goodRun(1), jobs: [{ name: "a:b", state: "failed" }] }, ["a:b failed"]],
  ])("names %s", (_, run, expected) => {
    expect(unmetExpectations(run)).toEqual(expected);
  });
});

function span(spanId: string, parentSpanId?: string, traceId = "1".repeat(32)): SpanRecord {
  return {
    name: spanId,
    kind: "internal",
    traceId,
    spanId,
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    traceFlags: 1,
    parentIsRemote: false,
    startTime: 0,
    endTime: 1,
    attributes: { "correlation.id": "evt_1" },
    events: [],
    links: [],
    status: { code: 0 },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

describe("spanProblems", () => {
  const EXPECTED = "expected one trace with one root";

  it.each([
    ["one trace", [span("a"), span("b", "a")], []],
    ["no spans", [], [`invoicePaid: 0 traces with 0 roots, ${EXPECTED}`]],
    ["two roots", [span("a"), span("b")], [`invoicePaid: 1 traces with 2 roots, ${EXPECTED}`]],
    ["two traces", [span("a"), span("b", "a", "2".repeat(32))], [`invoicePaid: 2 traces with 1 roots, ${EXPECTED}`]],
    ["a loose end", [span("a"), span("b", "c")], [`invoicePaid: a span whose parent is missing, ${EXPECTED}`]],
    ["a span twice", [span("a"), span("b", "a"), span("b", "a")], [`invoicePaid: a span that came twice, ${EXPECTED}`]],
    [
      "a loop",
      [span("a"), span("b", "c"), span("c", "b")],
      [`invoicePaid: spans that are their own ancestors, ${EXPECTED}`],
    ],
  ])("judges %s", (_, spans, expected) => {
    expect(spanProblems(traceReports(goodRun(1), spans))).toEqual(expected);
  });
});

describe("withEnvironment", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("sets, unsets and restores variables, also after an error", async () => {
    vi.stubEnv("RELAY_A", "before");
    vi.stubEnv("RELAY_B", undefined);
    const seen = () => [process.env["RELAY_A"], process.env["RELAY_B"]];
    const variables = { RELAY_A: undefined, RELAY_B: "during" };
    expect(await withEnvironment(variables, () => Promise.resolve(seen()))).toEqual([undefined, "during"]);
    expect(seen()).toEqual(["before", undefined]);
    await expect(withEnvironment(variables, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(seen()).toEqual(["before", undefined]);
    expect("RELAY_B" in process.env).toBe(false);
  });
});

describe("diagnosticsDuring", () => {
  afterEach(() => vi.restoreAllMocks());

  it("collects the library's lines and lets the others pass", async () => {
    const printed = vi.spyOn(console, "warn").mockImplementation(() => undefined);
    const { result, lines } = await diagnosticsDuring(() => {
      console.warn("[convex-otel] export.rejected: no");
      console.warn("something else", 1);
      return Promise.resolve("done");
    });
    expect(result).toBe("done");
    expect(lines).toEqual(["[convex-otel] export.rejected: no"]);
    expect(printed.mock.calls).toEqual([["something else", 1]]);
    expect(console.warn).toBe(printed);
  });
});

describe("startTargetApi", () => {
  it("answers as scripted, the last answer from then on, and 200 for what is not named", async () => {
    const heard: string[] = [];
    const api = await startTargetApi({ pay: [503, 200] }, ({ handler, status }) => heard.push(`${handler} ${status}`));
    const post = async (handler: string) =>
      (await fetch(`${api.url}/${handler}`, { method: "POST", body: "{}", headers: { "idempotency-key": "k" } }))
        .status;
    expect([await post("pay"), await post("pay"), await post("pay"), await post("other")]).toEqual([
      503, 200, 200, 200,
    ]);
    expect(heard).toEqual(["pay 503", "pay 200", "pay 200", "other 200"]);
    expect(api.calls[0]).toEqual({ handler: "pay", status: 503, idempotencyKey: "k", body: {} });
    await api.close();
    await expect(post("pay")).rejects.toThrow();
  });
});
