/** That the project `strict` runs what it says: the lazy build, chosen by Convex's export condition, under rules that are checked. */
import { fileURLToPath } from "node:url";
import { makeFunctionReference } from "convex/server";
import { expect, it } from "vitest";
import { strictConvex } from "../../src/testing/strict/index.js";
import { bundleInstalled } from "./bundle.js";
import { expectRules } from "./rules.js";

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}/convex`, import.meta.url));

const reference = (path: string) => makeFunctionReference<"query">(path);

it("bundles the installed package and nothing of the source", async () => {
  const { files, warnings } = await bundleInstalled(fixture("app"));
  const text = [...files.values()].join("\n");
  expect(warnings).toEqual([]);
  expect(text).toContain("node_modules/convex-otel/dist/lazy/convex.js");
  expect(text).not.toMatch(/\bsrc\/(core|adapters|otlp)\//);
});

it("passes a test whose queries notice nothing of tracing", async () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:9" };
  const { t, calls, close } = await strictConvex({ bundle: await bundleInstalled(fixture("app")), env });
  await t.query(reference("tasks:list"), {});
  await t.mutation(makeFunctionReference<"mutation">("tasks:add"), {});
  await close();
  const own = calls.filter(({ path }) => path !== "otel:deliver");
  expect(own.map(({ path, outcome }) => [path, outcome])).toEqual([
    ["tasks:list", "returned"],
    ["tasks:add", "returned"],
  ]);
  expectRules(calls);
});

it("fails a test in which a query reads the clock, random numbers or variables, or prints", async () => {
  const { t, calls, close } = await strictConvex({ bundle: await bundleInstalled(fixture("breaches")) });
  for (const name of ["readsClock", "drawsRandom", "readsVariable", "prints"]) {
    await t.query(reference(`breaches:${name}`), {});
  }
  await close();
  const breaches = ["readsClock read the clock", "drawsRandom drew random numbers", "readsVariable read ANY"];
  expect(() => expectRules(calls)).toThrow(
    [...breaches, "prints printed"].map((breach) => `breaches:${breach}`).join("\n"),
  );
});

it("fails a test in which an operation is not awaited, or a call is killed", async () => {
  const { t, calls, close } = await strictConvex({ bundle: await bundleInstalled(fixture("breaches")) });
  await t.action(makeFunctionReference<"action">("breaches:doesNotAwait"), {});
  await t.query(reference("breaches:isKilled"), {}).catch(() => undefined);
  await close();
  const breaches = ["doesNotAwait did not await getFunctionMetadata", "isKilled was killed: unhandled"];
  expect(() => expectRules(calls)).toThrow(breaches.map((breach) => `breaches:${breach}`).join("\n"));
});
