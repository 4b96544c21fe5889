/**
 * What the scans of a drain read, and what they must not miss. Reads are paid for, so a drain leaves out the spell of texts that it has just
 * sent. Something may come to lie in it: a creation time is set when a mutation starts, and seen when it commits.
 */
import { afterEach, expect, it, vi } from "vitest";
import { NEW_RUNNER } from "../../src/component/runner.js";
import { BATCH_TEXTS, WATCH_MS } from "../../src/component/limits.js";
import { encodeSpans } from "../../src/otlp/index.js";
import { startOtlpReceiver } from "../../src/testing/index.js";
import { Backend, NO_LATENCY } from "./concurrent/backend.js";
import { componentModules } from "./concurrent/componentModules.js";
import { ENVELOPE } from "./outboxApp.js";
import { aSpan } from "./spans.js";

const NOW = 1_750_000_000_000;
const SECOND = 1_000;

const open: (() => unknown)[] = [];

async function closeAll(): Promise<void> {
  for (const close of open.splice(0)) await close();
  vi.unstubAllEnvs();
}

afterEach(closeAll);

/** A backend whose drain of generation 7 is due, and its texts of one span each. */
function start() {
  const latencies = { ...NO_LATENCY, request: 100 };
  const backend = new Backend({ modules: { otel: componentModules }, now: NOW, latencies, random: () => 0.5 });
  open.push(() => backend.close());
  const watchAt = NOW + WATCH_MS;
  const fields = { ...NEW_RUNNER, status: "waiting", generation: 7, until: NOW + WATCH_MS, watchAt, mark: NOW };
  let number = 0;
  backend.tables.fill("runner", [{ creationTime: NOW, read: () => fields }]);
  return {
    backend,
    /** Texts that are there from now on, created at these times. */
    put: (name: string, ...times: readonly number[]): void => {
      const documents = times.map((creationTime) => {
        const { text } = encodeSpans([aSpan(number++, name)], ENVELOPE);
        return { creationTime, read: () => ({ text }) };
      });
      backend.tables.fill("texts", documents);
    },
  };
}

/** With a receiver, to which that drain sends. */
async function startDrain() {
  const receiver = await startOtlpReceiver();
  open.push(() => receiver.close());
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url);
  const { backend, put } = start();
  const drain = async (): Promise<void> => {
    backend.schedule("otel", "drain:drain", { generation: 7 }, NOW);
    await backend.time.pass(10 * SECOND);
  };
  return { backend, receiver, put, drain };
}

const times = (from: number, count: number): number[] => Array.from({ length: count }, (_, n) => from + n);

it("a text is read twice: when it is given out, and when it is deleted", async () => {
  const readOf = async (texts: number): Promise<number> => {
    const { backend, put, drain } = await startDrain();
    put("text", ...times(NOW - 20 * SECOND, texts));
    await drain();
    expect(backend.documents("texts")).toEqual([]);
    await closeAll();
    return backend.calls.reduce((sum, { usage }) => sum + usage.documentsRead, 0);
  };
  const each = ((await readOf(6 * BATCH_TEXTS)) - (await readOf(2 * BATCH_TEXTS))) / 4;
  // The runner, which is looked up and written, whether there is a second one, and the text that no longer fits.
  expect([each >= 2 * BATCH_TEXTS, each < 2 * BATCH_TEXTS + 5]).toEqual([true, true]);
});

it("a text that lies between delivered ones leaves with a later batch, however long full batches follow each other", async () => {
  const { receiver, put, drain } = await startDrain();
  put("early", ...times(NOW - 20 * SECOND, 4 * BATCH_TEXTS));
  receiver.respond(() => {
    // Committed while the first batch is under way.
    if (receiver.requests.length === 1) put("late", NOW - 20 * SECOND + 100.5);
    return undefined;
  });
  await drain();
  const lateOnes = receiver.requests.map(({ spans }) => spans.filter(({ name }) => name === "late").length);
  // The second batch was given out with the note of the first.
  expect(lateOnes).toEqual([0, 0, 1, 0, 0]);
  expect(receiver.spans).toHaveLength(4 * BATCH_TEXTS + 1);
  expect(receiver.duplicates).toBe(0);
});

interface Given {
  readonly texts: readonly { readonly id: string; readonly text: string; readonly createdAt: number }[];
}

it("nor is it forgotten if the note of its neighbours comes late, and there is something newer by then", async () => {
  const { backend, put } = start();
  put("early", NOW - 3, NOW - 1);
  const call = async (name: string, args: Parameters<Backend["mutation"]>[1]) => {
    const called = backend.mutation(`${name}:${name}`, { generation: 7, ...args }, "otel");
    await backend.time.pass(10);
    return (await called) as unknown as Given | null;
  };
  const first = (await call("claim", {})) ?? expect.fail("nothing was given out");
  put("late", NOW - 2);
  await backend.time.pass(100 * SECOND);
  put("new", backend.time.now - 1);
  const done = first.texts.map(({ id, createdAt, text }) => ({
    id,
    createdAt,
    bytes: text.length,
    again: [],
    refused: [],
  }));
  await call("settle", { report: { done, delivered: 2, rejected: 0 }, goOn: true });
  const second = await call("claim", {});
  const found = [first, second].map((given) =>
    given?.texts.map(({ text }) => /"name":"(early|late|new)"/.exec(text)?.[1]),
  );
  expect(found).toEqual([
    ["early", "early"],
    ["late", "new"],
  ]);
});
