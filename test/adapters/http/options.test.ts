/** Wrong options are told when a handler is wrapped, with what is allowed. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { traceFastify, traceFetchHandler, tracedFetch, traceNodeHandler } from "../../../src/adapters/http/index.js";
import { register } from "./support.js";

const ok = () => new Response("fine");

describe("options of servers", () => {
  it.each([
    [{ route: "" }, /option "route": got ""; allowed: a template/],
    [{ route: 1 }, /option "route": got 1/],
    [{ endpointClass: { "/a": 1 } }, /option "endpointClass": got { \/a }; allowed: a class/],
    [{ ignore: ["healthz"] }, /option "ignore": got \["healthz"\]; allowed: an array of paths/],
    [{ publicContext: "trust" }, /option "publicContext": got "trust"; allowed: "continue" or "link" or "ignore"/],
    [{ query: "all" }, /option "query": got "all"; allowed: "names" or "values"/],
    [{ secretParameters: "token" }, /option "secretParameters"/],
    [{ captureHeaders: { request: ["a b"] } }, /option "captureHeaders"/],
    [{ captureHeaders: { answer: [] } }, /option "captureHeaders": got { answer }/],
    [{ diagnostics: console }, /option "diagnostics"/],
    [{ routes: "/a" }, /unknown option "routes"; allowed: route, endpointClass, ignore, publicContext, query/],
    [null, /got null for options; allowed: an object/],
  ])("%j", (options, message) => {
    expect(() => traceFetchHandler(ok, options as never)).toThrow(message);
    expect(() => traceNodeHandler(() => {}, options as never)).toThrow(message);
    expect(() => traceFastify(options as never)).toThrow(message);
  });

  it("may be undefined, each of them", () => {
    const names = ["route", "endpointClass", "ignore", "publicContext", "query", "secretParameters", "captureHeaders"];
    const options = Object.fromEntries([...names, "diagnostics"].map((name) => [name, undefined]));
    register();
    expect(traceFetchHandler(ok, options)(new Request("https://x.example/")).status).toBe(200);
  });

  it("a handler must be one", () => {
    expect(() => traceFetchHandler("x" as never)).toThrow("traceFetchHandler: the first argument must be a function");
    expect(() => traceNodeHandler("x" as never)).toThrow('traceNodeHandler: got "x" for options');
  });
});

describe("options of the client", () => {
  it.each([
    [
      { propagateTo: ["https://x.example"] },
      /option "propagateTo": got \["https:\/\/x.example"\]; allowed: an array of hosts/,
    ],
    [{ propagateTo: ["*.*"] }, /option "propagateTo"/],
    [{ template: "/a" }, /option "template"/],
    [{ fetch: {} }, /option "fetch"/],
    [{ route: "/a" }, /unknown option "route"; allowed: propagateTo, template, fetch, query/],
  ])("%j", (options, message) => {
    expect(() => tracedFetch(options as never)).toThrow(message);
  });

  it("there must be a fetch", () => {
    vi.stubGlobal("fetch", undefined);
    expect(() => tracedFetch()).toThrow("tracedFetch: there is no global fetch");
    vi.unstubAllGlobals();
  });
});

describe("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS", () => {
  afterEach(() => vi.unstubAllEnvs());

  it.each([
    ["GET, PURGE", ["PURGE", "HTTP"]],
    ["", ["HTTP", "POST"]],
  ])("%j", (value, names) => {
    vi.stubEnv("OTEL_INSTRUMENTATION_HTTP_KNOWN_METHODS", value);
    const recorded = register();
    const handler = traceFetchHandler(ok);
    for (const method of ["PURGE", "POST"]) handler(new Request("https://x.example/", { method }));
    expect(recorded.spans().map(({ name }) => name)).toEqual(names);
  });
});

it("reports go to the console by default, and a reporter that throws harms nobody", () => {
  register();
  const warn = vi.spyOn(console, "error").mockImplementation(() => {});
  const route = () => {
    throw new Error("no route");
  };
  traceFetchHandler(ok, { route })(new Request("https://x.example/"));
  expect(warn.mock.calls).toEqual([["[convex-otel] http.route_failed: The option route failed: no route"]]);
  const diagnostics = () => {
    throw new Error("no report");
  };
  expect(traceFetchHandler(ok, { route, diagnostics })(new Request("https://x.example/")).status).toBe(200);
  warn.mockRestore();
});
