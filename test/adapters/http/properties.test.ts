/** What holds for any request, any header and any handler. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { traceFetchHandler, tracedFetch, traceNodeHandler } from "../../../src/adapters/http/index.js";
import { redactQuery, redactUrl, SECRET_PARAMETERS, type UrlRules } from "../../../src/core/redactUrl.js";
import { isValidCorrelationId } from "../../../src/propagation/correlation.js";
import { diagnosed, register } from "./support.js";

const SENTINEL = "s3ntinel";

const secretParameters = new Set(SECRET_PARAMETERS.map((name) => name.toLowerCase()));
const names: UrlRules = { query: "names", secretParameters };
const values: UrlRules = { query: "values", secretParameters };

/** Text that a URL may hold anywhere in it, with the sentinel somewhere. */
const secret = fc
  .tuple(fc.webQueryParameters(), fc.webSegment())
  .map(([, text]) => SENTINEL + text.replace(/[&#=]/g, ""));

/** A name in any case, with any of its characters escaped, as servers read it. */
const disguised = fc.constantFrom(...SECRET_PARAMETERS).chain((name) =>
  fc
    .array(fc.constantFrom("plain", "upper", "lower", "escaped"), { minLength: name.length, maxLength: name.length })
    .map((forms) =>
      [...name]
        .map((char, i) => {
          if (forms[i] === "escaped") return `%${char.charCodeAt(0).toString(16).padStart(2, "0")}`;
          return forms[i] === "upper" ? char.toUpperCase() : forms[i] === "lower" ? char.toLowerCase() : char;
        })
        .join(""),
    ),
);

describe("redaction of URLs", () => {
  it("never shows user, password or fragment, and no value of a secret parameter", () => {
    fc.assert(
      fc.property(fc.webUrl(), secret, disguised, fc.webQueryParameters(), (base, hidden, name, others) => {
        const url = new URL(base);
        url.username = hidden;
        url.password = hidden;
        url.hash = hidden;
        url.search = `?${others}&${name}=${hidden}&${hidden}`;
        expect(redactUrl(url, values)).not.toContain(SENTINEL);
        expect(redactUrl(url, values)).toContain("REDACTED:REDACTED@");
      }),
    );
  });

  it("by default shows no value at all", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string(), fc.string())), fc.string(), (pairs, tail) => {
        const encoded = pairs.map(([name, value]) => `${encodeURIComponent(clean(name))}=${SENTINEL}${clean(value)}`);
        const query = [...encoded, SENTINEL + clean(tail).replaceAll("=", "")].join("&");
        expect(redactQuery(query, names)).not.toContain(SENTINEL);
      }),
    );
  });

  it("keeps what is legal as it is, and never throws", () => {
    fc.assert(
      fc.property(fc.string(), (query) => {
        const text = redactQuery(query, values);
        expect(text.split("&")).toHaveLength(query.split("&").length);
      }),
    );
    expect(redactQuery("a=1&b[]=2&c=%20x", values)).toBe("a=1&b[]=2&c=%20x");
    expect(redactQuery("&&a=1&&", values)).toBe("&&a=1&&");
  });
});

/** Fast-check's strings may hold half a surrogate pair, which cannot be encoded, and our separators. */
function clean(text: string): string {
  return text.replace(/[\ud800-\udfff&#]/g, "");
}

const headerName = fc.constantFrom(
  "traceparent", "tracestate", "baggage", "x-correlation-id", "forwarded", "x-forwarded-host", "x-forwarded-proto",
  "host", "user-agent", "x-other",
); // prettier-ignore
const headerValue = fc.oneof(
  fc.string({ unit: fc.integer({ min: 32, max: 126 }).map((code) => String.fromCharCode(code)) }),
  fc.constantFrom("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "host=a;proto=https", "correlation.id=x"),
);
const headers = fc.array(fc.tuple(headerName, headerValue));

describe("any request", () => {
  it("is traced once, with a valid correlation id, whatever its headers say", async () => {
    const recorded = register();
    const { said, diagnostics } = diagnosed();
    const fetchHandler = traceFetchHandler(() => new Response("x"), { diagnostics });
    await fc.assert(
      fc.asyncProperty(headers, async (fields) => {
        const request = new Request("https://x.example/a", { headers: fields });
        const response = fetchHandler(request);
        const id = response.headers.get("x-correlation-id");
        expect(isValidCorrelationId(id)).toBe(true);
        const given = request.headers.get("x-correlation-id")?.trim();
        if (isValidCorrelationId(given)) expect(id).toBe(given);
        expect(recorded.spans().map(({ attributes }) => attributes["correlation.id"])).toEqual([id]);
        recorded.clear();
      }),
    );
    expect(said).toEqual([]);
  });

  it("of a Node server runs its handler once, whatever is in it", () => {
    register();
    const { diagnostics } = diagnosed();
    fc.assert(
      fc.property(
        fc.record({
          method: fc.oneof(fc.constantFrom("GET", undefined), fc.string()),
          url: fc.oneof(fc.constant(undefined), fc.string(), fc.webUrl()),
          originalUrl: fc.anything(),
          baseUrl: fc.anything(),
          params: fc.anything(),
          route: fc.anything(),
          httpVersion: fc.anything(),
          socket: fc.anything(),
          headers: fc.oneof(
            fc.anything(),
            headers.map((fields) => Object.fromEntries(fields)),
          ),
        }),
        (request) => {
          const listeners: (() => void)[] = [];
          const response = {
            statusCode: 200,
            headersSent: true,
            getHeader: () => undefined,
            setHeader() {},
            once: (_event: string, listener: () => void) => listeners.push(listener),
          };
          let runs = 0;
          const handler = Object.assign(() => ++runs, { use() {} });
          const traced = traceNodeHandler(handler, { diagnostics });
          expect(traced(request as never, response as never)).toBe(1);
          for (const listener of listeners) listener();
          expect(runs).toBe(1);
        },
      ),
      { examples: [[NULL_PARAMS]] },
    );
  });
});

/** Failed once: a path to look parameters up for, and none. */
const NULL_PARAMS = {
  method: "GET",
  url: "http://a.aa",
  originalUrl: false,
  baseUrl: " ",
  params: null,
  route: 0,
  httpVersion: [],
  socket: [],
  headers: {},
};

/** What a handler may do. */
const behaviour = fc.record({
  isAsync: fc.boolean(),
  outcome: fc.constantFrom("respond", "throw", "nothing"),
  status: fc.oneof(fc.integer({ min: 200, max: 599 }), fc.constantFrom(204, 304)),
  body: fc.option(fc.string()),
  headers: fc.dictionary(fc.constantFrom("content-type", "x-a", "etag", "set-cookie"), fc.constantFrom("a", "b/c", "")),
});

describe("any handler", () => {
  const error = new Error("thrown");

  /** What a caller sees of it. */
  async function seen(handler: (request: Request) => unknown): Promise<unknown> {
    let result: unknown;
    try {
      result = handler(new Request("https://x.example/"));
    } catch (thrown) {
      return ["threw", thrown];
    }
    const isPromise = result instanceof Promise;
    try {
      const value = await result;
      if (!(value instanceof Response)) return [isPromise, value];
      const fields = [...value.headers].filter(([name]) => name !== "x-correlation-id");
      return [isPromise, value.status, value.statusText, fields, value.body === null, await value.text()];
    } catch (thrown) {
      return ["rejected", thrown];
    }
  }

  it("does the same with tracing as without", async () => {
    register();
    await fc.assert(
      fc.asyncProperty(behaviour, async ({ isAsync, outcome, status, body, headers }) => {
        const act = () => {
          if (outcome === "throw") throw error;
          if (outcome === "nothing") return undefined;
          const isEmpty = [204, 205, 304].includes(status);
          return new Response(isEmpty ? null : body, { status, statusText: "as it is", headers });
        };
        const handler: () => unknown = isAsync ? async () => Promise.resolve().then(act) : act;
        expect(await seen(traceFetchHandler(handler))).toEqual(await seen(handler));
      }),
    );
  });

  it("and so does any fetch", async () => {
    register();
    await fc.assert(
      fc.asyncProperty(behaviour, async ({ outcome, status }) => {
        const response = outcome === "nothing" ? undefined : { status, headers: new Headers() };
        const send = () => (outcome === "throw" ? Promise.reject(error) : Promise.resolve(response as Response));
        const sent = tracedFetch({ fetch: send, diagnostics: () => {} })("https://x.example/");
        if (outcome === "throw") await expect(sent).rejects.toBe(error);
        else expect(await sent).toBe(response);
      }),
    );
  });
});
