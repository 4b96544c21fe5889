/** Drivers that OpenTelemetry's own instrumentation has wrapped keep its spans, and get no second set. */
import { PgInstrumentation } from "@opentelemetry/instrumentation-pg";
import { createRequire } from "node:module";
import type pg from "pg";
import { afterAll, describe, expect, it } from "vitest";
import { instrumentPg } from "../../../src/adapters/sql/index.js";
import type { Diagnostic } from "../../../src/index.js";
import { recordSpans, request } from "../cache/harness.js";

// It replaces methods of the classes as the driver is loaded.
const instrumentation = new PgInstrumentation();
const driver = createRequire(import.meta.url)("pg") as typeof pg;

describe("node-postgres wrapped by @opentelemetry/instrumentation-pg", () => {
  const recorded = recordSpans();

  afterAll(() => {
    instrumentation.disable();
  });

  it.each([
    ["a pool", (): pg.Pool | pg.Client => new driver.Pool({ host: "127.0.0.1", port: 1 })],
    ["a client", (): pg.Pool | pg.Client => new driver.Client({ host: "127.0.0.1", port: 1 })],
  ])("%s is left alone, and that is said", async (_name, create) => {
    const said: Diagnostic[] = [];
    const plain = create();
    const { query, connect } = plain;
    const wrapped = instrumentPg(plain, { diagnostics: (it) => said.push(it) });
    expect(said.map(({ code }) => code)).toEqual(["sql.instrumented_twice"]);
    expect([wrapped.query, wrapped.connect]).toEqual([query, connect]);
    await request("GET /", () => wrapped.connect().catch(() => undefined));
    const names = recorded.spans.map(({ name }) => name);
    // Its spans are there, so that it is really at work.
    expect(names).toContain(wrapped instanceof driver.Pool ? "pg-pool.connect" : "pg.connect");
    expect(names.filter((name) => name === "SELECT")).toEqual([]);
  });
});
