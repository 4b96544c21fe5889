import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SpanRecord } from "../../src/core/types.js";
import { textWidth } from "../../src/testing/textWidth.js";
import { waterfall } from "../../src/testing/index.js";
import { aSpan, spanId, spansOf, START, TRACE, WEBHOOK_PIPELINE } from "./spans.js";

const OTHER_TRACE = "0af7651916cd43dd8448eb211c80319c";

/** The lines between the first and the last line break, without their common indentation. */
function block(text: string): string {
  const lines = text.split("\n").slice(1, -1);
  const indent = Math.min(...lines.map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(indent)).join("\n");
}

function withRoot(spans: SpanRecord[], attributes: SpanRecord["attributes"]): SpanRecord[] {
  const [root, ...others] = spans as [SpanRecord, ...SpanRecord[]];
  return [{ ...root, attributes: { ...root.attributes, ...attributes } }, ...others];
}

describe("waterfall", () => {
  it("draws one request", () => {
    const spans = spansOf(`
GET /orders/:id | S | 0 | 80 | | 200
  cache get | C | 1 | 0.4
  SELECT orders | C | 2 | 30
  SELECT customers | C | 34 | 36
  render | | 70 | 10`);
    expect(waterfall(spans, { width: 80 })).toBe(
      block(`
        trace 4bf92f3577b34da6a3ce929d0e0e4736 · 5 spans · 80ms
        span                kind         time  0                            +80ms
        GET /orders/:id     server       80ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  200
        ├ cache get         client      400µs  ╏
        ├ SELECT orders     client       30ms   ━━━━━━━━━━━━╸
        ├ SELECT customers  client       36ms                ╺━━━━━━━━━━━━━━━
        └ render                         10ms                                ━━━━
      `),
    );
  });

  it("says what is a request, what a query does, and what caches did, also where names are cut", () => {
    const [root, search, sql, stale, deep] = spansOf(`
GET /api/search | S | 0 | 80 | | 200
  db_search | | 1 | 60
    sql_execute | C | 2 | 30
  a name that is much too long for the tree | | 62 | 10
  other | | 73 | 5`) as [SpanRecord, SpanRecord, SpanRecord, SpanRecord, SpanRecord];
    const withAttributes = (span: SpanRecord, attributes: SpanRecord["attributes"]): SpanRecord => {
      return { ...span, attributes: { ...span.attributes, ...attributes } };
    };
    const counted = { "cache.hit": false, "cache.lookup_count": 3, "cache.hit_count": 2 };
    const spans = [
      withAttributes(root, { "http.request.method": "GET", "url.query": "q=lamp", ...counted }),
      withAttributes(search, { "cache.hit": false, "cache.lookup_count": 1, "cache.hit_count": 0 }),
      withAttributes(sql, { "db.query.summary": "SELECT items" }),
      withAttributes(stale, { "cache.hit": true, "cache.stale": true }),
      withAttributes(deep, { "cache.hit": true }),
    ];
    expect(
      waterfall(spans, { width: 90 })
        .split("\n")
        .slice(2)
        .map((line) => line.slice(0, 38).trimEnd()),
    ).toEqual([
      "[Request] GET /api… (cache: MISS 2/3)",
      "├ db_search (cache: MISS)",
      "│ └ sql_execute · SELECT items",
      "├ a name that is much… (cache: STALE)",
      "└ other (cache: HIT)",
    ]);
  });

  it("says what was asked for, with … for values that were not recorded", () => {
    const spans = withRoot(spansOf("GET /api/search | S | 0 | 80"), {
      "http.request.method": "GET",
      "url.query": "q=REDACTED&limit=20",
    });
    expect(waterfall(spans)).toContain("[Request] GET /api/search?q=…&limit=20");
  });

  it("draws a webhook that is retried over half a minute", () => {
    const spans = withRoot(spansOf(WEBHOOK_PIPELINE), { "correlation.id": "stripe:invoice.paid:0b6e8a5c" });
    expect(waterfall(spans)).toBe(
      block(`
        trace 4bf92f3577b34da6a3ce929d0e0e4736 · 26 spans · 31.2s · 4 errors
        correlation stripe:invoice.paid:0b6e8a5c
        span                                            kind         time  0               ┊+10.4s  ┊+31s
        POST /webhooks/stripe                           server     48.2ms  ━━╸             ┊        ┊            200
        ├ webhook.verify                                            900µs  ╏               ┊        ┊
        ├ webhooks:storeRaw                             client     18.4ms  ━               ┊        ┊
        │ └ webhooks:storeRaw                           server     15.8ms  ━               ┊        ┊
        │   ├ insert rawEvents                          client      3.1ms  ╸               ┊        ┊
        │   └ automationTasks.withIndex(by_status_cre…  client      4.4ms  ╏               ┊        ┊
        └ webhooks:ingest                               client       22ms   ━              ┊        ┊
          └ webhooks:ingest                             server     19.5ms   ━              ┊        ┊
            ├ normalize                                             400µs   ╏              ┊        ┊
            ├ insert events                             client      2.9ms   ╸              ┊        ┊
            ├ route                                                 200µs   ╏              ┊        ┊
            └ schedule pipeline:executeTask             producer    300µs   ╏              ┊        ┊
              └ process pipeline:executeTask            consumer    240ms       ╺━━━━━━━━━━┊        ┊            ✗
                │ ✗ ServerError
                ├ POST api.mailer.example               client      210ms       ╺━━━━━━━━━╸┊        ┊            ✗ 503
                └ pipeline:recordFailure                client       14ms                 ╏┊        ┊
                  └ pipeline:recordFailure              server       12ms                 ╏┊        ┊
                    ├ patch automationTasks             client        3ms                 ╏┊        ┊
                    └ schedule pipeline:executeTask     producer    200µs                 ╏┊        ┊
                      └ process pipeline:executeTask    consumer    180ms                  ┊━━━━━━━━┊            ✗
                        │ ✗ ServerError
                        ├ POST api.mailer.example       client      150ms                  ┊━━━━━━━╸┊            ✗ 503
                        └ pipeline:recordFailure        client       15ms                  ┊       ╺┊
                          └ pipeline:recordFailure      server       13ms                  ┊       ╺┊
                            └ schedule pipeline:execu…  producer      0ms                  ┊       ╏┊
                              └ process pipeline:exec…  consumer    190ms                  ┊        ┊━━━━━━━━━
                                ├ POST api.mailer.exa…  client      161ms                  ┊        ┊╺━━━━━━━    202
                                └ pipeline:complete     client       17ms                  ┊        ┊        ━
      `),
    );
  });

  it("draws a failed request of which one span took no time", () => {
    const [root, verify] = spansOf(`
POST /webhooks/stripe | S | 0 | 3.2 | signature_mismatch | 401
  webhook.verify | | 1 | 0`) as [SpanRecord, SpanRecord];
    const failed: SpanRecord = { ...verify, status: { code: 2, message: "no signature matches" } };
    expect(waterfall(withRoot([root, failed], { "correlation.id": "stripe:x:1" }), { width: 100 })).toBe(
      block(`
        trace 4bf92f3577b34da6a3ce929d0e0e4736 · 2 spans · 3.2ms · 2 errors · correlation stripe:x:1
        span                   kind         time  0                                            +3.2ms
        POST /webhooks/stripe  server      3.2ms  ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  ✗ 401
        │ ✗ signature_mismatch
        └ webhook.verify                     0ms                  ╏                                    ✗
            ✗ no signature matches
      `),
    );
  });

  it("draws nothing for nothing", () => {
    expect(waterfall([])).toBe("");
  });

  it("draws several traces one below the other", () => {
    const text = waterfall([...spansOf("a | | 0 | 1"), ...spansOf("b | | 5 | 1", OTHER_TRACE)]);
    expect(text.split("\n\n").map((trace) => trace.split(" ")[1])).toEqual([TRACE, OTHER_TRACE]);
  });

  it("shows a span whose parent is missing, and says so", () => {
    const text = waterfall([aSpan({ name: "orphan", parentSpanId: spanId(9) })]);
    expect(text.split("\n").slice(2)).toEqual([
      expect.stringMatching(/^orphan /),
      `  ? parent ${spanId(9)} is not here`,
    ]);
  });

  it("shows links to spans that are in the picture, and no others", () => {
    const [root, child] = spansOf("root | | 0 | 5\n  child | | 1 | 1") as [SpanRecord, SpanRecord];
    const to = (id: string): SpanRecord["links"][number] => {
      return { context: { traceId: TRACE, spanId: id, traceFlags: 1 }, attributes: {}, droppedAttributesCount: 0 };
    };
    const text = waterfall([root, { ...child, links: [to(spanId(77)), to(root.spanId)] }]);
    expect(text.split("\n").slice(4)).toEqual(["    ~ link to root"]);
  });

  it("survives repeated spans and loops of parents", () => {
    const spans = [
      aSpan({ name: "a", spanId: spanId(1), parentSpanId: spanId(2) }),
      aSpan({ name: "b", spanId: spanId(2), parentSpanId: spanId(1) }),
      aSpan({ name: "a", spanId: spanId(1), parentSpanId: spanId(2) }),
    ];
    expect(waterfall(spans)).toContain("2 spans");
  });

  it("cuts long names, and obeys no escape sequence in them", () => {
    const [, , row] = waterfall([aSpan({ name: `\u001b[2J${"x".repeat(200)}` })], { width: 100 }).split("\n");
    expect(row?.startsWith(`\\u001b[2J${"x".repeat(32)}…`)).toBe(true);
  });

  it("marks ok and error without colour", () => {
    const marked = (code: 0 | 1 | 2): string => waterfall([aSpan({ status: { code } })]).split("\n")[2] ?? "";
    expect(marked(0)).not.toMatch(/[✓✗]/);
    expect(marked(1)).toMatch(/✓$/);
    expect(marked(2)).toMatch(/✗$/);
  });

  it("does not repeat a status code as the reason of an error", () => {
    const span = aSpan({ status: { code: 2 }, attributes: { "error.type": "503", "http.response.status_code": 503 } });
    expect(waterfall([span]).split("\n")).toHaveLength(3);
  });

  it("uses 80 columns at least", () => {
    expect(waterfall(spansOf(WEBHOOK_PIPELINE), { width: 10 })).toBe(
      waterfall(spansOf(WEBHOOK_PIPELINE), { width: 80 }),
    );
  });

  it("colours errors, and changes nothing but colours", () => {
    const spans = spansOf(WEBHOOK_PIPELINE);
    const colored = waterfall(spans, { color: true });
    expect(colored).toContain("\u001b[1;31m✗ 503\u001b[0m");
    const plain = colored.replace(/\u001b\[[\d;]+m/g, "").replace(/ +$/gm, "");
    expect(plain).toBe(waterfall(spans));
  });
});

describe("waterfall as a property", () => {
  const plan = fc.record({
    name: fc.string({ unit: fc.constantFrom("a", "日", "é", " x", "🎉"), minLength: 1, maxLength: 40 }),
    parent: fc.nat(),
    start: fc.nat(40_000),
    length: fc.oneof(fc.constant(0), fc.nat(500)),
    error: fc.boolean(),
  });

  it("keeps every line within the width, with one line for each span", () => {
    fc.assert(
      fc.property(
        fc.array(plan, { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 80, max: 160 }),
        (plans, width) => {
          const spans = plans.map(({ name, parent, start, length, error }, index) =>
            aSpan({
              name,
              spanId: spanId(index + 1),
              startTime: START + start,
              endTime: START + start + length,
              status: error ? { code: 2 } : { code: 0 },
              ...(index === 0 ? {} : { parentSpanId: spanId((parent % index) + 1) }),
            }),
          );
          const lines = waterfall(spans, { width }).split("\n");
          expect(lines).toHaveLength(spans.length + 2);
          for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
          expect(lines.filter((line) => line.endsWith("✗"))).toHaveLength(plans.filter((one) => one.error).length);
        },
      ),
      { seed: 1 },
    );
  });
});
