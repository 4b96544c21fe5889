import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Diagnostic } from "../../src/core/ports.js";
import {
  reportCertificates,
  resolveSettings,
  type CodeSettings,
  type PresetDefaults,
} from "../../src/otlp/environment.js";
import { resourceFromEnv } from "../../src/otlp/resourceFromEnv.js";

type Vars = Record<string, string | undefined>;

const HONEYCOMB: PresetDefaults = {
  url: "https://api.honeycomb.io/v1/traces",
  trustedUrls: ["https://api.eu1.honeycomb.io/v1/traces"],
  headers: { "x-honeycomb-team": "key" },
};

function resolve(vars: Vars, preset: PresetDefaults = {}, code: CodeSettings = {}) {
  const reports: Diagnostic[] = [];
  const settings = resolveSettings(
    (name) => vars[name],
    preset,
    code,
    (report) => reports.push(report),
  );
  return { ...settings, reports, messages: reports.map(({ message }) => message) };
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("endpoint", () => {
  it.each<[string, Vars, string | undefined]>([
    ["nothing set", {}, undefined],
    ["general", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318" }, "http://c:4318/v1/traces"],
    ["general with a slash", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://c:4318/" }, "http://c:4318/v1/traces"],
    ["general with a path", { OTEL_EXPORTER_OTLP_ENDPOINT: "https://c/a/b" }, "https://c/a/b/v1/traces"],
    ["general with a path and a slash", { OTEL_EXPORTER_OTLP_ENDPOINT: "https://c/a/" }, "https://c/a/v1/traces"],
    ["general with a query", { OTEL_EXPORTER_OTLP_ENDPOINT: "https://c/a?x=1" }, "https://c/a/v1/traces?x=1"],
    ["traces", { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://c/x" }, "https://c/x"],
    ["traces without a path", { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://c" }, "https://c/"],
    ["traces with a fragment", { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://c/x#y" }, "https://c/x"],
    ["empty is unset", { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "  ", OTEL_EXPORTER_OTLP_ENDPOINT: "" }, undefined],
    [
      "traces goes before general",
      { OTEL_EXPORTER_OTLP_ENDPOINT: "https://general", OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://traces/t" },
      "https://traces/t",
    ],
  ])("%s", (_, vars, url) => expect(resolve(vars)).toMatchObject({ url, reports: [] }));

  it.each(["nonsense", "ftp://c", "//c", "http://", "https://user:secret@c/x"])("%j is reported and ignored", (bad) => {
    const { url, reports } = resolve({ OTEL_EXPORTER_OTLP_ENDPOINT: bad }, HONEYCOMB);
    expect(url).toBe(HONEYCOMB.url);
    expect(reports).toEqual([
      {
        level: "warn",
        code: "env.invalid",
        message:
          "OTEL_EXPORTER_OTLP_ENDPOINT is ignored: it must be an absolute http: or https: URL without user name and password. Correct or remove it.",
      },
    ]);
  });

  it.each([
    ["https://c", "https://c/v1/traces"],
    ["https://c/", "https://c/v1/traces"],
    ["https://c?x=1", "https://c/v1/traces?x=1"],
    ["https://c/x", "https://c/x"],
  ])("code wins: %s", (endpoint, url) => {
    expect(resolve({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://env/x" }, HONEYCOMB, { endpoint }).url).toBe(url);
  });
});

describe("headers", () => {
  it("merge by precedence, name by name and without case", () => {
    const { headers } = resolve(
      {
        OTEL_EXPORTER_OTLP_HEADERS: "A=general,B=general,C=general",
        OTEL_EXPORTER_OTLP_TRACES_HEADERS: "a=traces,b=traces",
      },
      { headers: { a: "preset", D: "preset" } },
      { headers: { A: "code" } },
    );
    expect(headers).toEqual({ a: "code", b: "traces", c: "general", d: "preset" });
  });

  it.each([
    ["Authorization=Basic%20YTpi", { authorization: "Basic YTpi" }],
    [" x = y , z=1 ,", { x: "y", z: "1" }],
    ["k=a=b==", { k: "a=b==" }],
    ["k=", { k: "" }],
    ["k=a%2Cb", { k: "a,b" }],
  ])("%j", (text, headers) => {
    expect(resolve({ OTEL_EXPORTER_OTLP_HEADERS: text })).toMatchObject({ headers, reports: [] });
  });

  it.each(["novalue", "=x", "k=%zz", "k=a%0Ab", "a b=c", "k=%E2%82%AC"])("%j is reported and left out", (bad) => {
    const { headers, messages } = resolve({ OTEL_EXPORTER_OTLP_HEADERS: `good=1,${bad}` });
    expect(headers).toEqual({ good: "1" });
    expect(messages).toEqual([
      "1 of 2 headers in OTEL_EXPORTER_OTLP_HEADERS is ignored: it must be name=value, percent-encoded. Correct or remove it.",
    ]);
  });

  it.each<[string, Vars, CodeSettings, boolean]>([
    ["the vendor", {}, {}, true],
    ["another host from the general variable", { OTEL_EXPORTER_OTLP_ENDPOINT: "https://evil" }, {}, false],
    ["another host from the traces variable", { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "https://evil/x" }, {}, false],
    ["a host that only starts alike", { OTEL_EXPORTER_OTLP_ENDPOINT: "https://api.honeycomb.io.evil" }, {}, false],
    ["the vendor without encryption", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://api.honeycomb.io" }, {}, false],
    ["another region of the vendor", { OTEL_EXPORTER_OTLP_ENDPOINT: "https://api.eu1.honeycomb.io" }, {}, true],
    ["an endpoint in code", {}, { endpoint: "https://refinery" }, true],
  ])("a preset's key and %s: sent %s", (_, vars, code, sent) => {
    expect("x-honeycomb-team" in resolve(vars, HONEYCOMB, code).headers).toBe(sent);
  });
});

describe("timeout", () => {
  it.each<[Vars, CodeSettings, number, number]>([
    [{}, {}, 10_000, 0],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: "500" }, {}, 500, 0],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: "500", OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: "20" }, {}, 20, 0],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: "500", OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: "x" }, {}, 500, 1],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: "0" }, {}, Infinity, 0],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: "-1" }, {}, 10_000, 1],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: "1s" }, {}, 10_000, 1],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: "500" }, { timeoutMs: 7 }, 7, 0],
    [{ OTEL_EXPORTER_OTLP_TIMEOUT: "500" }, { timeoutMs: 0 }, Infinity, 0],
  ])("%j and %j is %d ms", (vars, code, timeoutMs, warnings) => {
    const { reports, ...settings } = resolve(vars, {}, code);
    expect(settings.timeoutMs).toBe(timeoutMs);
    expect(reports).toHaveLength(warnings);
  });
});

describe("compression and protocol", () => {
  it.each<[Vars, CodeSettings, string, number]>([
    [{}, {}, "none", 0],
    [{ OTEL_EXPORTER_OTLP_COMPRESSION: "GZIP" }, {}, "gzip", 0],
    [{ OTEL_EXPORTER_OTLP_COMPRESSION: "gzip", OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: "none" }, {}, "none", 0],
    [{ OTEL_EXPORTER_OTLP_COMPRESSION: "zstd" }, {}, "none", 1],
    [{ OTEL_EXPORTER_OTLP_COMPRESSION: "gzip" }, { compression: "none" }, "none", 0],
  ])("%j and %j is %s", (vars, code, compression, warnings) => {
    const { reports, ...settings } = resolve(vars, {}, code);
    expect(settings.compression).toBe(compression);
    expect(reports).toHaveLength(warnings);
  });

  it("does without gzip where the runtime has none, and says so", () => {
    vi.stubGlobal("CompressionStream", undefined);
    const { compression, reports } = resolve({}, {}, { compression: "gzip" });
    expect(compression).toBe("none");
    expect(reports).toMatchObject([{ level: "warn", code: "export.compression_unavailable" }]);
  });

  it.each([
    ["http/json", undefined],
    ["HTTP/JSON", undefined],
    ["http/protobuf", "env.unsupported"],
    ["grpc", "env.unsupported"],
    ["thrift", "env.invalid"],
  ])("protocol %s", (protocol, code) => {
    const { reports } = resolve({ OTEL_EXPORTER_OTLP_PROTOCOL: protocol });
    expect(reports.map((report) => report.code)).toEqual(code === undefined ? [] : [code]);
  });

  it("names certificates as without effect", () => {
    const messages: string[] = [];
    reportCertificates(
      (name) => ({ OTEL_EXPORTER_OTLP_CERTIFICATE: "/x.pem" })[name],
      ({ message }) => messages.push(message),
    );
    expect(messages).toEqual([
      "OTEL_EXPORTER_OTLP_CERTIFICATE has no effect: fetch takes no certificates. Put a collector in between if you need it.",
    ]);
  });
});

describe("resourceFromEnv", () => {
  const read = (vars: Vars) => {
    const reports: Diagnostic[] = [];
    return {
      attributes: resourceFromEnv(
        (name) => vars[name],
        (report) => reports.push(report),
      ),
      reports,
    };
  };

  it.each<[Vars, Record<string, string>]>([
    [{}, {}],
    [{ OTEL_SERVICE_NAME: " shop " }, { "service.name": "shop" }],
    [{ OTEL_RESOURCE_ATTRIBUTES: "a=1, b = x%20y ,c=%3D%2C" }, { a: "1", b: "x y", c: "=," }],
    [
      { OTEL_RESOURCE_ATTRIBUTES: "service.name=a,x=1", OTEL_SERVICE_NAME: "b" },
      { "service.name": "b", x: "1" },
    ],
    [{ OTEL_RESOURCE_ATTRIBUTES: "service.name=a", OTEL_SERVICE_NAME: "" }, { "service.name": "a" }],
  ])("%j", (vars, attributes) => expect(read(vars)).toEqual({ attributes, reports: [] }));

  it.each(["a=1,b", "a=1,b=%zz", "a=1,=2"])("%j is discarded as a whole", (text) => {
    const { attributes, reports } = read({ OTEL_RESOURCE_ATTRIBUTES: text, OTEL_SERVICE_NAME: "s" });
    expect(attributes).toEqual({ "service.name": "s" });
    expect(reports).toMatchObject([{ code: "env.invalid", level: "warn" }]);
  });

  it("needs no report, and survives an environment that throws", () => {
    expect(resourceFromEnv(() => "%")).toEqual({ "service.name": "%" });
    const broken = () => {
      throw new Error("not bound");
    };
    expect(resourceFromEnv(broken)).toEqual({});
    expect(resolveSettings(broken, HONEYCOMB, {}, () => {}).url).toBe(HONEYCOMB.url);
  });
});

describe("for any environment", () => {
  it("never throws and yields settings that can be used", () => {
    const text = fc.oneof(fc.string({ unit: "binary" }), fc.webUrl(), fc.stringMatching(/^[a-z%=,0-9]*$/));
    const names = [
      "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS",
      "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_PROTOCOL",
      "OTEL_EXPORTER_OTLP_COMPRESSION", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_SERVICE_NAME",
    ]; // prettier-ignore
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), text), (vars) => {
        const { url, headers, timeoutMs, messages } = resolve(vars, HONEYCOMB);
        expect(new URL(url ?? "").protocol).toMatch(/^https?:$/);
        expect(() => new Headers({ ...headers })).not.toThrow();
        expect(timeoutMs).toBeGreaterThan(0);
        expect(Object.values(resourceFromEnv((name) => vars[name])).every((item) => typeof item === "string")).toBe(
          true,
        );
        expect(messages.every((message) => message.length < 300)).toBe(true);
      }),
      { seed: 8, numRuns: 500 },
    );
  });
});
