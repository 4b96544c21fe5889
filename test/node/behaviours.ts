/** What programs may do to spans, and what a backend sees of it: one table for Convex calls and for servers. */
import {
  type Span,
  startSpan,
  suppressTracing,
  withSpan,
  addEvent,
  addLink,
  recordError,
  setAttributes,
} from "../../src/index.js";
import type { Conditions } from "./recorders.js";

/** One behaviour. */
export interface Behaviour extends Conditions {
  readonly what: string;
  readonly run: () => unknown;
  /** The spans below "entry". */
  readonly spans: readonly object[];
}

/** Runs `use` with a span named "s", and ends it. */
const on = (use: (span: Span) => unknown) => (): void => {
  const span = startSpan("s");
  use(span);
  span.end();
};

/** A span with this record. */
const s = (record: object) => [{ name: "s", ...record }];

const OTHER = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 };
const THIRD = { ...OTHER, spanId: "3".repeat(16) };

const convexError = () =>
  Object.assign(new Error("{}"), {
    name: "ConvexError",
    data: { message: "Sold out", code: "sold_out", card: "4242" },
    [Symbol.for("ConvexError")]: true,
  });

const exception = (type: string, message: string, hasStack = true) => ({
  name: "exception",
  attributes: { "exception.type": type, "exception.message": message, ...(hasStack ? { "has stack": true } : {}) },
});

const throwing = (thrown: unknown) => () =>
  withSpan("s", () => {
    throw thrown;
  });

const unreadable = new Proxy(
  {},
  {
    get: () => {
      throw new Error("no");
    },
    has: () => {
      throw new Error("no");
    },
  },
);

const attributes: Behaviour[] = [
  {
    what: "attributes of every type",
    run: on((span) =>
      span
        .setAttribute("text", "a")
        .setAttributes({ int: 3, float: 1.5, big: 2 ** 40, yes: true, texts: ["a", "b"], ints: [1, 2], none: [] }),
    ),
    spans: s({
      attributes: { text: "a", int: 3, float: 1.5, big: 2 ** 40, yes: true, texts: ["a", "b"], ints: [1, 2], none: [] },
    }),
  },
  {
    what: "attributes given at the start",
    run: () => startSpan("s", { attributes: { a: 1, b: undefined, c: 5n } }).end(),
    spans: s({ attributes: { a: 1, c: 5 } }),
  },
  {
    what: "the last value of an attribute counts, and undefined says nothing",
    run: on((span) => span.setAttribute("a", 1).setAttributes({ a: 2, b: undefined, c: null as never })),
    spans: s({ attributes: { a: 2 } }),
  },
  {
    what: "items that are missing",
    run: on((span) => span.setAttributes({ a: [1, null, 2, undefined] })),
    spans: s({ attributes: { a: [1, 2] } }),
  },
  {
    what: "bigint",
    run: on((span) => span.setAttributes({ count: 42n, negative: -7n, list: [1n, 2n] })),
    spans: s({ attributes: { count: 42, negative: -7, list: [1, 2] } }),
  },
  {
    what: "bigint beyond 2^53",
    run: on((span) => span.setAttributes({ id: 9_007_199_254_740_993n, list: [1n, 9_007_199_254_740_993n] })),
    spans: s({ attributes: { id: 9_007_199_254_740_993n, list: [1n, 9_007_199_254_740_993n] } }),
  },
  {
    what: "bigint beyond 64 bits",
    run: on((span) => span.setAttribute("id", 2n ** 70n)),
    spans: s({ attributes: { id: "1180591620717411303424" } }),
  },
  {
    what: "bytes",
    run: on((span) => span.setAttribute("hash", new Uint8Array([1, 2, 255]))),
    spans: s({ attributes: { hash: new Uint8Array([1, 2, 255]) } }),
  },
  {
    what: "numbers that JSON or 64 bits do not have",
    run: on((span) => span.setAttributes({ nan: Number.NaN, inf: -Infinity, huge: 1e300, small: 1e-300 })),
    spans: s({ attributes: { nan: Number.NaN, inf: -Infinity, huge: 1e300, small: 1e-300 } }),
  },
  {
    what: "invalid attributes are dropped and counted",
    run: on((span) =>
      span.setAttributes({
        object: {} as never,
        mixed: [1, "a"] as never,
        fn: (() => 1) as never,
        symbol: Symbol("a") as never,
        "": 1,
        ["__proto__"]: 1,
        fine: 1,
      }),
    ),
    spans: s({ attributes: { fine: 1 }, droppedAttributes: 6 }),
  },
  {
    what: "attributes that are no object",
    run: on((span) =>
      span
        .setAttributes(undefined as never)
        .setAttributes(null as never)
        .setAttributes("ab" as never),
    ),
    spans: s({}),
  },
  {
    what: "a getter that throws",
    run: on((span) =>
      span.setAttributes({
        before: 1,
        get broken(): string {
          throw new Error("no");
        },
        after: 1,
      }),
    ),
    spans: s({ attributes: { before: 1 }, droppedAttributes: 1 }),
  },
  {
    what: "what the caller changes later",
    run: on((span) => {
      const list = ["a"];
      span.setAttributes({ list });
      list.push("b");
    }),
    spans: s({ attributes: { list: ["a"] } }),
  },
  {
    what: "text with half a character",
    run: () =>
      withSpan("s\ud800", (span) => {
        span
          .setAttribute("a", "x\udfffy")
          .addEvent("e\ud800", { b: ["\ud800"] })
          .setStatus({ code: 2, message: "\ud800!" });
      }),
    spans: [
      {
        name: "s\ufffd",
        attributes: { a: "x\ufffdy" },
        events: [{ name: "e\ufffd", attributes: { b: ["\ufffd"] } }],
        status: { code: 2, message: "\ufffd!" },
      },
    ],
  },
];

const limits: Behaviour[] = [
  {
    what: "the limit of attributes, which still lets known ones be replaced",
    limits: { attributeCount: 2 },
    run: on((span) => span.setAttributes({ a: 1, b: 2, c: 3, d: 4 }).setAttribute("a", 5)),
    spans: s({ attributes: { a: 5, b: 2 }, droppedAttributes: 2 }),
  },
  {
    what: "no attributes allowed",
    limits: { attributeCount: 0 },
    run: on((span) => span.setAttribute("a", 1)),
    spans: s({ droppedAttributes: 1 }),
  },
  {
    what: "the limit of length, also in lists",
    limits: { attributeValueLength: 3 },
    run: on((span) =>
      span.setAttributes({ a: "12345", list: ["abcdef", "x"], n: 12_345 }).addEvent("e", { b: "12345" }),
    ),
    spans: s({
      attributes: { a: "123", list: ["abc", "x"], n: 12_345 },
      events: [{ name: "e", attributes: { b: "123" } }],
    }),
  },
  {
    what: "values of no length",
    limits: { attributeValueLength: 0 },
    run: on((span) => span.setAttribute("a", "12345")),
    spans: s({ attributes: { a: "" } }),
  },
  {
    what: "the limit of events, of which the oldest go",
    limits: { eventCount: 2 },
    run: on((span) => ["a", "b", "c"].forEach((name) => span.addEvent(name))),
    spans: s({ events: [{ name: "b" }, { name: "c" }], droppedEvents: 1 }),
  },
  {
    what: "no events allowed",
    limits: { eventCount: 0 },
    run: on((span) => span.addEvent("a", { bad: {} as never })),
    spans: s({ droppedEvents: 1 }),
  },
  {
    what: "the limit of links, of which the oldest go",
    limits: { linkCount: 1 },
    run: () => startSpan("s", { links: [{ context: OTHER }, { context: THIRD }] }).end(),
    spans: s({ links: [{ spanId: THIRD.spanId }], droppedLinks: 1 }),
  },
  {
    what: "the limits of events' and links' attributes",
    limits: { attributePerEventCount: 1, attributePerLinkCount: 1 },
    run: on((span) => span.addEvent("e", { a: 1, b: 2 }).addLink({ context: OTHER, attributes: { a: 1, b: 2, c: 3 } })),
    spans: s({
      events: [{ name: "e", attributes: { a: 1 }, dropped: 1 }],
      links: [{ spanId: OTHER.spanId, attributes: { a: 1 }, dropped: 2 }],
    }),
  },
];

const redaction: Behaviour[] = [
  {
    what: "redaction, before the limit of length",
    limits: { attributeValueLength: 6 },
    redact: (name, value) =>
      typeof value === "string" ? value.replace(/\S+@\S+/, "[email]") : name === "n" ? 2 : value,
    run: on((span) => span.setAttributes({ to: "ann.lee@example.com", n: 1 })),
    spans: s({ attributes: { to: "[email", n: 2 } }),
  },
  {
    what: "redaction that drops",
    redact: (name, value) => (name === "secret" ? undefined : value),
    run: on((span) => span.setAttributes({ secret: "a", open: "b" })),
    spans: s({ attributes: { open: "b" }, droppedAttributes: 1 }),
  },
  {
    what: "redaction that throws",
    redact: (name, value) => {
      if (name === "a") throw new Error("no");
      return value;
    },
    run: on((span) => span.setAttributes({ a: 1, b: 2 })),
    spans: s({ attributes: { b: 2 }, droppedAttributes: 1 }),
  },
  {
    what: "redaction that returns what is no value",
    redact: () => ({}) as never,
    run: on((span) => span.setAttribute("a", 1)),
    spans: s({ droppedAttributes: 1 }),
  },
  {
    what: "redaction of events, links, exceptions and status",
    redact: (_name, value) => (typeof value === "string" ? value.replace("secret", "***") : value),
    run: on((span) => {
      span.addEvent("e", { a: "secret" }).addLink({ context: OTHER, attributes: { a: "secret" } });
      span.recordException("a secret");
      span.setStatus({ code: 2, message: "the secret" });
    }),
    spans: s({
      events: [{ name: "e", attributes: { a: "***" } }, exception("string", "a ***", false)],
      links: [{ spanId: OTHER.spanId, attributes: { a: "***" } }],
      status: { code: 2, message: "the ***" },
    }),
  },
];

const status: Behaviour[] = [
  ["unset changes nothing", [{ code: 2, message: "x" }, { code: 0 }], { code: 2, message: "x" }],
  ["ok is final", [{ code: 1 }, { code: 2, message: "x" }], { code: 1 }],
  [
    "ok overrides error, without its message",
    [
      { code: 2, message: "x" },
      { code: 1, message: "y" },
    ],
    { code: 1 },
  ],
  [
    "a later error replaces an earlier one",
    [
      { code: 2, message: "a" },
      { code: 2, message: "b" },
    ],
    { code: 2, message: "b" },
  ],
  ["a later error takes the message away", [{ code: 2, message: "a" }, { code: 2 }], { code: 2 }],
  ["codes that there are not", [{ code: 7 }, { code: -1 }, { code: "2" as never }], undefined],
  ["a message that is no text", [{ code: 2, message: 5 as never }], { code: 2 }],
].map(([what, given, expected]) => ({
  what: `status: ${what as string}`,
  run: on((span) => (given as { code: number }[]).forEach((next) => span.setStatus(next))),
  spans: s(expected === undefined ? {} : { status: expected }),
}));

const errors: Behaviour[] = [
  {
    what: "an error, recorded once where it was thrown",
    run: () => withSpan("outer", () => throwing(new RangeError("too far"))()),
    spans: [
      { name: "outer", attributes: { "error.type": "RangeError" }, status: { code: 2, message: "too far" } },
      {
        name: "s",
        attributes: { "error.type": "RangeError" },
        events: [exception("RangeError", "too far")],
        status: { code: 2, message: "too far" },
      },
    ],
  },
  {
    what: "a rejection",
    run: () => withSpan("s", () => Promise.reject(new TypeError("no"))),
    spans: s({
      attributes: { "error.type": "TypeError" },
      events: [exception("TypeError", "no")],
      status: { code: 2, message: "no" },
    }),
  },
  {
    what: "an error with a code, of which the class is the type",
    run: throwing(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })),
    spans: s({
      attributes: { "error.type": "Error" },
      events: [exception("Error", "connect ECONNREFUSED")],
      status: { code: 2, message: "connect ECONNREFUSED" },
    }),
  },
  {
    what: "application data of a ConvexError stays out",
    run: throwing(convexError()),
    spans: s({
      attributes: { "error.type": "convex_error", "rpc.status_code": "sold_out" },
      events: [exception("ConvexError", "Sold out")],
      status: { code: 2, message: "Sold out" },
    }),
  },
  {
    what: "rejected arguments stay out",
    run: throwing(
      new Error(
        'ArgumentValidationError: Value does not match validator.\nObject: {"card": "4242"}\nValidator: v.id("x")',
      ),
    ),
    spans: s({
      attributes: { "error.type": "argument_validation" },
      events: [
        exception(
          "Error",
          'ArgumentValidationError: Value does not match validator.\nObject: [removed]\nValidator: v.id("x")',
        ),
      ],
      status: {
        code: 2,
        message: 'ArgumentValidationError: Value does not match validator.\nObject: [removed]\nValidator: v.id("x")',
      },
    }),
  },
  ...(
    [
      ["text", "broken", "string", "broken"],
      ["null", null, "null", "null"],
      ["undefined", undefined, "undefined", "undefined"],
    ] as const
  ).map(([what, thrown, type, message]) => ({
    what: `throwing ${what}`,
    run: throwing(thrown),
    spans: s({
      attributes: { "error.type": type },
      events: [exception(type, message, false)],
      status: { code: 2, message },
    }),
  })),
  {
    what: "throwing what cannot be read",
    run: throwing(unreadable),
    spans: s({
      attributes: { "error.type": "_OTHER" },
      events: [exception("unknown", "What was thrown cannot be read.", false)],
      status: { code: 2, message: "What was thrown cannot be read." },
    }),
  },
  {
    what: "an error that is handled",
    run: () => withSpan("s", () => recordError(new Error("retried"))),
    spans: s({
      attributes: { "error.type": "Error" },
      events: [exception("Error", "retried")],
      status: { code: 2, message: "retried" },
    }),
  },
];

const events: Behaviour[] = [
  {
    what: "events, with invalid attributes counted",
    run: () => withSpan("s", () => addEvent("e", { a: 1, n: 7n, bad: {} as never })),
    spans: s({ events: [{ name: "e", attributes: { a: 1, n: 7 }, dropped: 1 }] }),
  },
  {
    what: "an event with a time in place of attributes",
    run: on((span) => span.addEvent("e", new Date(1_700_000_000_000))),
    spans: s({ events: [{ name: "e" }] }),
  },
  {
    what: "links, of which those to nothing are none",
    run: () =>
      withSpan("s", (span) => {
        addLink({ context: { ...OTHER, traceState: "a=b" }, attributes: { n: 7n, bad: {} as never } });
        span.addLinks([{ context: undefined as never }, { context: {} as never }, undefined as never]);
      }),
    spans: s({ links: [{ spanId: OTHER.spanId, traceState: "a=b", attributes: { n: 7 }, dropped: 1 }] }),
  },
];

const lifecycle: Behaviour[] = [
  {
    what: "names that are none",
    run: () => {
      for (const name of ["", undefined, null, 5, {}]) startSpan(name as string).end();
      on((span) =>
        span
          .updateName("")
          .addEvent("")
          .addEvent(7 as never),
      )();
    },
    spans: [
      { name: "(string)" },
      { name: "(undefined)" },
      { name: "(object)" },
      { name: "(number)" },
      { name: "(object)" },
      { name: "(string)", events: [{ name: "(string)" }, { name: "(number)" }] },
    ],
  },
  {
    what: "kinds",
    run: () =>
      (["server", "client", "producer", "consumer"] as const).forEach((kind) => startSpan(kind, { kind }).end()),
    spans: ["server", "client", "producer", "consumer"].map((kind) => ({ name: kind, kind })),
  },
  {
    what: "ending twice, and everything after the end",
    run: on((span) => {
      span.end();
      span.end();
      span.setAttribute("late", 1).setAttributes({ late: 1 }).addEvent("late").addLink({ context: OTHER });
      span.setStatus({ code: 2 }).updateName("late").recordException(new Error("late"));
    }),
    spans: s({}),
  },
  {
    what: "nested and suppressed spans",
    run: () =>
      withSpan("a", { attributes: { n: 1 } }, async () => {
        await Promise.resolve();
        suppressTracing(() => withSpan("hidden", () => setAttributes({ hidden: true })));
        return withSpan("b", () => setAttributes({ n: 2 }));
      }),
    spans: [
      { name: "a", attributes: { n: 1 } },
      { name: "b", attributes: { n: 2 } },
    ],
  },
];

export const BEHAVIOURS: readonly Behaviour[] = [
  ...attributes,
  ...limits,
  ...redaction,
  ...status,
  ...errors,
  ...events,
  ...lifecycle,
];
