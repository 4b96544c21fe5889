/**
 * The variables of the component: those that it declares are those that it reads, an app can bind them, and they say where to send.
 * Keys reach the vendor's own addresses and nothing else.
 */
import { defineApp, defineComponent } from "convex/server";
import { v } from "convex/values";
import { afterEach, describe, expect, it, vi } from "vitest";
import otel from "../../src/component/convex.config.js";
import { VENDOR_NAMES, VENDOR_VARIABLES } from "../../src/otlp/vendorVariables.js";
import { outboxApp } from "./outboxApp.js";
import { strictApp } from "./strictApp.js";

const MINUTE = 60_000;
const VARIABLES = VENDOR_NAMES.flatMap((name) => [
  ...VENDOR_VARIABLES[name].required,
  ...VENDOR_VARIABLES[name].optional,
]);

/** What Convex makes of a definition when it is pushed. */
interface Analysis {
  readonly envVars?: readonly (readonly [name: string, { readonly optional?: boolean }])[];
  readonly childComponents: readonly { readonly name: string; readonly env: unknown }[];
}

const analysisOf = (definition: object) => (definition as { export(): Analysis }).export();
const declared = () => analysisOf(otel).envVars ?? [];

describe("declared in convex.config.ts", () => {
  /** The general settings of an export ask for these. In Convex's runtime they have no effect, so that nobody need bind them. */
  const WITHOUT_EFFECT = [
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    "OTEL_EXPORTER_OTLP_COMPRESSION",
    "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION",
  ];

  it("are the variables that its functions read", async () => {
    const env: Record<string, string> = Object.fromEntries(VARIABLES.map((name) => [name, "bound"]));
    const app = await strictApp({ componentEnv: env });
    env["OTEL_EXPORTER_OTLP_ENDPOINT"] = app.receiver.url;
    app.receiver.respond([{ body: { partialSuccess: { rejectedSpans: "1" } } }]);
    // Twice: the second batch says what was dropped of the first, and the watchdog looks.
    for (const by of ["a", "b"]) {
      await app.mutation("add", by);
      await app.pass(2 * MINUTE);
    }
    const reads = new Set(app.calls.flatMap(({ componentPath, envReads }) => (componentPath ? envReads : [])));
    expect([...reads].sort()).toEqual([...declared().map(([name]) => name), ...WITHOUT_EFFECT].sort());
  });

  it("are all optional: a deployment without them can be pushed", () => {
    expect(declared().filter(([, { optional }]) => optional !== true)).toEqual([]);
  });

  it("have those of all vendors", () => {
    expect(declared().map(([name]) => name)).toEqual(expect.arrayContaining(VARIABLES));
  });

  it("are bound by an app, by reference or by value, and no others", () => {
    // As Convex's bundler hands a component over.
    const imported = Object.assign(otel, { componentDefinitionPath: "convex-otel", defaultName: "otel" });
    const app = defineApp({ env: { HONEYCOMB_API_KEY: v.optional(v.string()) } });
    const { HONEYCOMB_API_KEY } = app.env;
    const OTEL_EXPORTER_OTLP_TRACES_ENDPOINT = "https://api.eu1.honeycomb.io/v1/traces";
    app.use(imported, { env: { HONEYCOMB_API_KEY, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT } });
    expect(analysisOf(app).childComponents).toMatchObject([
      {
        name: "otel",
        env: [
          ["HONEYCOMB_API_KEY", { type: "envVar", name: "HONEYCOMB_API_KEY" }],
          ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", { type: "value", value: OTEL_EXPORTER_OTLP_TRACES_ENDPOINT }],
        ],
      },
    ]);
    // @ts-expect-error the compiler knows the names
    app.use(imported, { name: "other", env: { HONEYCOMB_KEY: HONEYCOMB_API_KEY } });
    // So it does in a component that uses this one.
    defineComponent("parent").use(imported);
  });
});

/** The component with these variables, and requests to vendors by address, with the headers they had. */
async function start(env: Readonly<Record<string, string | undefined>>) {
  const app = await outboxApp();
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", undefined);
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const requests: { readonly url: string; readonly headers: Readonly<Record<string, string>> }[] = [];
  vi.stubGlobal("fetch", async (url: string, { headers }: RequestInit) => {
    requests.push({ url, headers: Object.fromEntries(new Headers(headers)) });
    return new Response("{}");
  });
  return { ...app, requests };
}

afterEach(() => vi.unstubAllGlobals());

describe("say where to send:", () => {
  const KEY = "x-honeycomb-team";
  const honeycomb = { HONEYCOMB_API_KEY: "hc-secret" };
  const cases: [string, Record<string, string>, string, Record<string, string | undefined>][] = [
    ["the key of a vendor", honeycomb, "https://api.honeycomb.io/v1/traces", { [KEY]: "hc-secret" }],
    [
      "several variables of a vendor",
      { AXIOM_TOKEN: "t", AXIOM_DATASET: "d" },
      "https://us-east-1.aws.edge.axiom.co/v1/traces",
      { authorization: "Bearer t", "x-axiom-dataset": "d" },
    ],
    [
      "another region of the vendor, which gets the key",
      { ...honeycomb, OTEL_EXPORTER_OTLP_ENDPOINT: "https://api.eu1.honeycomb.io" },
      "https://api.eu1.honeycomb.io/v1/traces",
      { [KEY]: "hc-secret" },
    ],
    [
      "an endpoint elsewhere, which does not",
      { ...honeycomb, OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.test" },
      "https://collector.test/v1/traces",
      { [KEY]: undefined },
    ],
    [
      "an endpoint, of two vendors",
      { ...honeycomb, DD_API_KEY: "dd-secret", OTEL_EXPORTER_OTLP_ENDPOINT: "https://otlp.datadoghq.eu" },
      "https://otlp.datadoghq.eu/v1/traces",
      { [KEY]: undefined, "dd-api-key": "dd-secret" },
    ],
    [
      "headers, which win",
      { ...honeycomb, OTEL_EXPORTER_OTLP_HEADERS: `${KEY}=other,x-more=1` },
      "https://api.honeycomb.io/v1/traces",
      { [KEY]: "other", "x-more": "1" },
    ],
  ];

  it.each(cases)("%s", async (_what, env, url, headers) => {
    const { record, pass, requests, tables, jobs, status } = await start(env);
    await record(1);
    await pass(MINUTE);
    expect(requests.map((request) => request.url)).toEqual([url]);
    for (const [name, value] of Object.entries(headers))
      expect([name, requests[0]?.headers[name]]).toEqual([name, value]);
    expect(JSON.stringify([await tables(), await jobs(), await status()])).not.toContain("secret");
  });

  const wrong: [string, Record<string, string>, RegExp][] = [
    ["nothing", {}, /^no endpoint: bind OTEL_EXPORTER_OTLP_ENDPOINT, or the key of your vendor/],
    ["a part of what a vendor takes", { AXIOM_TOKEN: "secret" }, /^no endpoint: axiom also takes AXIOM_DATASET; bind/],
    [
      "the keys of two vendors",
      { ...honeycomb, DD_API_KEY: "dd-secret" },
      /^keys of 2 vendors are bound \(DD_API_KEY, HONEYCOMB_API_KEY\): bind those of one/,
    ],
  ];

  it.each(wrong)("not with %s: nothing is taken, and status says why", async (_what, env, message) => {
    const { enqueue, tables, status } = await start(env);
    await expect(enqueue(["{}"])).rejects.toThrow(/bind .* in app\.use\(otel, \{ env \}\)/);
    expect((await tables()).texts).toEqual([]);
    const { lastError, state } = await status();
    expect([lastError?.message, state]).toEqual([expect.stringMatching(message), "idle"]);
    expect(lastError?.message).not.toContain("secret");
  });

  it("not with an address that is none: what waits stays, and status says why", async () => {
    const { record, pass, requests, status } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" });
    await record(1);
    await pass(MINUTE);
    expect(requests).toEqual([]);
    const { lastError, pending } = await status();
    expect(lastError?.message).toMatch(/^no usable endpoint: OTEL_EXPORTER_OTLP_ENDPOINT is ignored: it must be/);
    expect(pending).toBe(1);
  });
});
