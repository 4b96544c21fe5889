/** `traceFetchHandler` in Cloudflare Workers: with `registerNode`, whose spans leave over the network, and without. */
import { afterEach, beforeEach, describe, expect, inject, it } from "vitest";
import { type OtlpReceiver, spanTree, startOtlpReceiver } from "../../src/testing/index.js";
import { type RunningWorker, startWorker } from "./workerd.js";

const installed = inject("workerdFolder");

/** The oldest compatibility date that `docs/http.md` names, and one where `nodejs_compat` is the default. */
const RUNTIMES: readonly [compatibilityDate: string, compatibilityFlags: readonly string[]][] = [
  ["2025-09-15", ["nodejs_compat"]],
  ["2026-11-01", []],
];

/** More at the same time than `batch.concurrency` allows requests to be under way. */
const CROWD = 100;

async function ask(worker: RunningWorker, path: string, id: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(worker.url + path, { ...init, headers: { "x-correlation-id": id } });
  return `${response.status} ${response.headers.get("x-correlation-id")} ${await response.text()}`;
}

describe.skipIf(installed === "")("a worker", () => {
  let receiver: OtlpReceiver;
  let worker: RunningWorker;

  beforeEach(async () => {
    receiver = await startOtlpReceiver();
  });

  afterEach(async () => {
    await worker.stop();
    await receiver.close();
  });

  const tree = (): string => `\n${spanTree(receiver.spans, { attributes: ["correlation.id"] })}\n`;

  describe.each(RUNTIMES)("of %s, with registerNode", (compatibilityDate, compatibilityFlags) => {
    beforeEach(async () => {
      const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
      worker = await startWorker(installed, { entry: "worker.ts", compatibilityDate, compatibilityFlags, variables });
    });

    it("sends the spans of a crowd of requests, each where it belongs, and loses none", async () => {
      const ids = Array.from({ length: CROWD }, (_, index) => `evt_${index}`);
      const answers = await Promise.all(ids.map((id) => ask(worker, "/items/7", id)));
      expect(answers).toEqual(ids.map((id) => `200 ${id} hello ${id}`));
      await receiver.waitForSpans(3 * CROWD);
      const trees = ids.map(
        (id) =>
          `GET /items/:id [server] {correlation.id=${id}}\n└─ read {correlation.id=${id}}\n` +
          `   └─ greet {correlation.id=${id}}`,
      );
      expect(tree().trim().split("\n\n").sort()).toEqual(trees.sort());
      expect([receiver.spans.length, worker.output()]).toEqual([3 * CROWD, ""]);
    });

    it("goes on behind an outgoing request", async () => {
      expect(await ask(worker, "/prices", "evt_1")).toBe("200 evt_1 hello evt_1");
      await receiver.waitForSpans(5);
      expect(tree()).toBe(`
GET /prices [server] {correlation.id=evt_1}
└─ GET [client] {correlation.id=evt_1}
   └─ GET /items/:id [server] {correlation.id=evt_1}
      └─ read {correlation.id=evt_1}
         └─ greet {correlation.id=evt_1}
`);
    });

    it("leaves it to the platform to answer what a handler throws", async () => {
      expect(await ask(worker, "/fails", "evt_1")).toBe("500 null Internal Server Error");
      await receiver.waitForSpans(1);
      expect(tree()).toBe("\nGET /fails [server] {correlation.id=evt_1}\n  ! error: RangeError\n");
    });

    it("streams a body, and sends what is traced meanwhile", async () => {
      expect(await ask(worker, "/stream", "evt_1")).toBe("200 evt_1 one two three");
      await receiver.waitForSpans(2);
      expect(tree()).toBe("\nGET /stream [server] {correlation.id=evt_1}\n└─ write {correlation.id=evt_1}\n");
    });

    it("sends again what a collector was too busy for", async () => {
      receiver.respond([{ status: 503 }]);
      expect(await ask(worker, "/items/7", "evt_1")).toBe("200 evt_1 hello evt_1");
      await receiver.waitForSpans(3);
      expect(worker.output()).toBe("");
    });

    it("goes on where clients leave, whose requests the platform gives up", async () => {
      const left = ask(worker, "/slow", "evt_1", { signal: AbortSignal.timeout(100) });
      await expect(left).rejects.toThrow("timeout");
      expect(await ask(worker, "/items/7", "evt_2")).toBe("200 evt_2 hello evt_2");
      await receiver.waitForSpans(3);
      expect(tree()).toBe(`
GET /items/:id [server] {correlation.id=evt_2}
└─ read {correlation.id=evt_2}
   └─ greet {correlation.id=evt_2}
`);
    });
  });

  it("without Node's modules and without a provider just runs", async () => {
    const settings = { compatibilityDate: "2024-01-01", compatibilityFlags: [], variables: {} };
    worker = await startWorker(installed, { entry: "bare.ts", ...settings });
    expect(await ask(worker, "/items/7", "evt_1")).toBe("200 null hello undefined");
    expect(await ask(worker, "/prices", "evt_1")).toBe("200 null hello undefined");
    expect(worker.output()).toBe("");
  });
});
