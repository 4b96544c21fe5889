import { describe, expect, it, vi } from "vitest";
import type { Exporter } from "../../src/core/ports.js";
import { encodeSpans } from "../../src/otlp/encode.js";
import {
  axiom, betterstack, collector, dash0, datadog, grafana, honeycomb, jaeger, langfuse, logfire, newrelic, otlp, sentry,
} from "../../src/otlp/presets.js"; // prettier-ignore
import { resource, scope, spans } from "./spans.js";

type Vars = Record<string, string>;

const text = encodeSpans(spans(1), { resource, scope }).text;

/** Where a request would go, and with which headers. */
async function request(exporter: Exporter, vars: Vars = {}) {
  const fetch = vi.fn((_url: string, _init: RequestInit) => Promise.resolve(new Response("{}")));
  vi.stubGlobal("fetch", fetch);
  await exporter.send([text], { env: (name) => vars[name] });
  vi.unstubAllGlobals();
  const [url, init] = fetch.mock.calls[0] ?? [];
  const { "content-type": _type, "user-agent": _agent, ...headers } = Object.fromEntries(new Headers(init?.headers));
  return { url, headers };
}

const base64 = (value: string) => Buffer.from(value).toString("base64");

describe("presets: keys from the environment", () => {
  it.each<[Exporter, Vars, string, Record<string, string>]>([
    [honeycomb(), { HONEYCOMB_API_KEY: "k" }, "https://api.honeycomb.io/v1/traces", { "x-honeycomb-team": "k" }],
    [
      honeycomb({ region: "eu" }),
      { HONEYCOMB_API_KEY: " k\n", HONEYCOMB_DATASET: "d" },
      "https://api.eu1.honeycomb.io/v1/traces",
      { "x-honeycomb-team": "k", "x-honeycomb-dataset": "d" },
    ],
    [
      axiom({ region: "eu" }),
      { AXIOM_TOKEN: "t", AXIOM_DATASET: "d" },
      "https://eu-central-1.aws.edge.axiom.co/v1/traces",
      { authorization: "Bearer t", "x-axiom-dataset": "d" },
    ],
    [newrelic(), { NEW_RELIC_LICENSE_KEY: "k" }, "https://otlp.nr-data.net/v1/traces", { "api-key": "k" }],
    [
      grafana(),
      { GRAFANA_CLOUD_INSTANCE_ID: "1", GRAFANA_CLOUD_API_KEY: "tökén", GRAFANA_CLOUD_ZONE: "prod-eu-west-2" },
      "https://otlp-gateway-prod-eu-west-2.grafana.net/otlp/v1/traces",
      { authorization: `Basic ${base64("1:tökén")}` },
    ],
    [
      sentry(),
      { SENTRY_DSN: "https://abc123@o1.ingest.us.sentry.io/456" },
      "https://o1.ingest.us.sentry.io/api/456/integration/otlp/v1/traces",
      { "x-sentry-auth": "sentry sentry_key=abc123" },
    ],
    [
      sentry(),
      { SENTRY_DSN: "http://abc:old@sentry.local:9000/base/7" },
      "http://sentry.local:9000/base/api/7/integration/otlp/v1/traces",
      { "x-sentry-auth": "sentry sentry_key=abc" },
    ],
    [
      logfire({ region: "eu" }),
      { LOGFIRE_TOKEN: "t" },
      "https://logfire-eu.pydantic.dev/v1/traces",
      { authorization: "t" },
    ],
    [
      langfuse({ region: "us" }),
      { LANGFUSE_PUBLIC_KEY: "pk", LANGFUSE_SECRET_KEY: "sk" },
      "https://us.cloud.langfuse.com/api/public/otel/v1/traces",
      { authorization: `Basic ${base64("pk:sk")}`, "x-langfuse-ingestion-version": "4" },
    ],
    [
      betterstack(),
      { BETTER_STACK_SOURCE_TOKEN: "t", BETTER_STACK_INGESTING_URL: "https://s1.betterstackdata.com" },
      "https://s1.betterstackdata.com/v1/traces",
      { authorization: "Bearer t" },
    ],
    [
      dash0({ dataset: "prod" }),
      { DASH0_AUTH_TOKEN: "t" },
      "https://ingress.eu-west-1.aws.dash0.com/v1/traces",
      { authorization: "Bearer t", "dash0-dataset": "prod" },
    ],
    [
      datadog({ site: "datadoghq.eu" }),
      { DD_API_KEY: "k" },
      "https://otlp.datadoghq.eu/v1/traces",
      { "dd-api-key": "k" },
    ],
  ])("$name", async (exporter, vars, url, headers) => {
    expect(exporter.isConfigured(() => undefined)).toBe(false);
    for (const name of Object.keys(vars).filter((each) => each !== "HONEYCOMB_DATASET")) {
      expect(exporter.isConfigured((each) => (each === name ? undefined : vars[each]))).toBe(false);
    }
    expect(exporter.isConfigured((name) => vars[name])).toBe(true);
    await expect(request(exporter, vars)).resolves.toEqual({ url, headers });
  });
});

describe("presets: configured or not", () => {
  const key = { HONEYCOMB_API_KEY: "k" };
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c" };
  const traces = { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://c/x" };
  const none = { OTEL_TRACES_EXPORTER: "NONE" };
  it.each<[string, Exporter, Vars, boolean]>([
    ["otlp, nothing", otlp(), {}, false],
    ["otlp, empty endpoint", otlp(), { OTEL_EXPORTER_OTLP_ENDPOINT: " " }, false],
    ["otlp, endpoint set", otlp(), endpoint, true],
    ["otlp, traces endpoint set", otlp(), traces, true],
    ["otlp, endpoint in code", otlp({ endpoint: "http://c" }), {}, true],
    ["jaeger, nothing", jaeger(), {}, true],
    ["jaeger, none", jaeger(), none, false],
    ["collector, nothing", collector(), {}, true],
    ["honeycomb, nothing", honeycomb(), {}, false],
    ["honeycomb, empty key", honeycomb(), { HONEYCOMB_API_KEY: "" }, false],
    ["honeycomb, key", honeycomb(), key, true],
    ["honeycomb, key in code", honeycomb({ apiKey: "k" }), {}, true],
    ["honeycomb, endpoint in code but no key", honeycomb({ endpoint: "http://c" }), {}, false],
    ["honeycomb, endpoint set and no key", honeycomb(), endpoint, true],
    ["honeycomb, key and none", honeycomb(), { ...key, ...none }, false],
    ["honeycomb, other exporter", honeycomb(), { ...key, OTEL_TRACES_EXPORTER: "otlp" }, true],
    ["betterstack, no host", betterstack({ sourceToken: "t" }), {}, false],
    ["betterstack, endpoint in code", betterstack({ sourceToken: "t", endpoint: "https://c" }), {}, true],
    ["grafana, a zone that is another host", grafana({ instanceId: "1", token: "t" }), { GRAFANA_CLOUD_ZONE: "x.evil/" }, false], // prettier-ignore
    ["sentry, no DSN", sentry(), { SENTRY_DSN: "https://sentry.io" }, false],
  ])("%s: %#", (_, exporter, vars, configured) => {
    expect(exporter.isConfigured((name) => vars[name])).toBe(configured);
  });

  it.each<[string, Exporter, Vars, string, Record<string, string>]>([
    ["a key of the environment stays at home", honeycomb(), { ...key, ...endpoint }, "http://c/v1/traces", {}],
    [
      "a key in code goes along",
      honeycomb({ apiKey: "k" }),
      endpoint,
      "http://c/v1/traces",
      { "x-honeycomb-team": "k" },
    ],
    [
      "half a key in code does not",
      langfuse({ publicKey: "p" }),
      { LANGFUSE_SECRET_KEY: "s", ...traces },
      "http://c/x",
      {},
    ],
    ["code wins over a key", honeycomb({ headers: { "X-Honeycomb-Team": "h" } }), key, "https://api.honeycomb.io/v1/traces", { "x-honeycomb-team": "h" }], // prettier-ignore
    ["local", jaeger(), {}, "http://localhost:4318/v1/traces", {}],
    ["local, moved", collector(), endpoint, "http://c/v1/traces", {}],
  ])("%s", async (_, exporter, vars, url, headers) => {
    await expect(request(exporter, vars)).resolves.toEqual({ url, headers });
  });
});

describe("presets: options", () => {
  /** As a JavaScript user would call it. */
  const call = (preset: (options: never) => Exporter, options: unknown) => () => preset(options as never);

  it.each<[() => Exporter, string]>([
    [call(otlp, null), "otlp() takes an object of options, not null"],
    [call(otlp, "http://c"), 'otlp() takes an object of options, not "http://c"'],
    [call(otlp, { url: "x" }), 'otlp(): unknown option "url"; use one of endpoint, headers, timeoutMs, compression, maxRequestBytes'], // prettier-ignore
    [call(honeycomb, { apikey: "k" }), 'honeycomb(): unknown option "apikey"; use one of apiKey, dataset, region, endpoint, headers, timeoutMs, compression, maxRequestBytes'], // prettier-ignore
    [call(otlp, { endpoint: "localhost:4318" }), 'otlp(): endpoint must be an absolute http: or https: URL without user name and password, such as "https://collector.example.com/v1/traces"'], // prettier-ignore
    [call(otlp, { endpoint: 5 }), "otlp(): endpoint must be an absolute"],
    [call(otlp, { endpoint: "https://u:p@c" }), "otlp(): endpoint must be an absolute"],
    [call(otlp, { headers: ["a"] }), "otlp(): headers must be an object of strings by header name, not an array"],
    [call(otlp, { headers: { "a b": "c" } }), 'otlp(): headers has the name "a b", which is no HTTP header name'],
    [call(otlp, { headers: { a: 1 } }), "otlp(): headers must have a string for a, not number"],
    [call(otlp, { headers: { a: "secret\r\nb: c" } }), "otlp(): headers must not have line breaks or other control characters in a"], // prettier-ignore
    [call(otlp, { timeoutMs: "1" }), 'otlp(): timeoutMs must be a number of milliseconds, 0 for no limit, not "1"'],
    [call(otlp, { timeoutMs: -1 }), "otlp(): timeoutMs must be a number of milliseconds, 0 for no limit, not -1"],
    [call(otlp, { compression: "zstd" }), 'otlp(): compression must be "gzip" or "none", not "zstd"'],
    [call(otlp, { maxRequestBytes: 10 }), "otlp(): maxRequestBytes must be a number from 1000 to 67108864, not 10"],
    [call(honeycomb, { apiKey: 5 }), "honeycomb(): apiKey must be a non-empty string, not number; leave it out to read it from the environment"], // prettier-ignore
    [call(honeycomb, { apiKey: "" }), "honeycomb(): apiKey must be a non-empty string, not an empty string"],
    [
      call(honeycomb, { apiKey: "secret\n" }),
      "honeycomb(): apiKey must not contain line breaks or other control characters",
    ],
    [call(honeycomb, { region: "mars" }), 'honeycomb(): region must be one of "us", "eu", not "mars"'],
    [call(honeycomb, { region: "toString" }), 'honeycomb(): region must be one of "us", "eu", not "toString"'],
    [call(datadog, { site: "x" }), 'datadog(): site must be one of "datadoghq.com"'],
    [call(sentry, { dsn: "https://secret" }), 'sentry(): dsn must be a Sentry DSN, such as "https://<public key>@<host>/<project>"'], // prettier-ignore
    [call(betterstack, { ingestingUrl: "s1" }), "betterstack(): ingestingUrl must be an absolute URL"],
    [call(grafana, { zone: "a.b" }), "grafana(): zone must be the name of a zone"],
  ])("%#: a TypeError that says what to do", (create, message) => {
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
    expect(create).not.toThrow(/secret/);
  });

  it("undefined is the same as left out", () => {
    expect(call(honeycomb, { apiKey: undefined, endpoint: undefined, region: undefined })).not.toThrow();
  });

  it("has a name for messages", () => {
    const names = [axiom, betterstack, collector, dash0, datadog, grafana, honeycomb, jaeger, langfuse, logfire, newrelic, otlp, sentry]; // prettier-ignore
    for (const preset of names) expect(preset().name).toBe(preset.name);
  });
});
