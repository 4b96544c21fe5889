/** The page of a trace: what it says, read back by a parser of HTML, and that nothing of a span becomes part of the page. */
import { createHash } from "node:crypto";
import fc from "fast-check";
import { type DefaultTreeAdapterTypes as Tree, parse } from "parse5";
import { describe, expect, it } from "vitest";
import type { SpanRecord } from "../../src/core/types.js";
import { visibleText } from "../../src/testing/html.js";
import { waterfallHtml } from "../../src/testing/index.js";
import { aSpan, spanId, spansOf, TRACE } from "./spans.js";

interface Element {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
}

/** All elements of a page, in order, and whatever the parser had to complain of. */
function read(page: string): { readonly elements: readonly Element[]; readonly errors: readonly string[] } {
  const elements: Element[] = [];
  const errors: string[] = [];
  const visit = (node: Tree.Node): string => {
    if (node.nodeName === "#text") return (node as Tree.TextNode).value;
    if (!("childNodes" in node)) return "";
    const at = elements.length;
    if ("tagName" in node) elements.push({ tag: "", attributes: {}, text: "" });
    const text = node.childNodes.map(visit).join("");
    if ("tagName" in node) {
      const attributes = Object.fromEntries(node.attrs.map(({ name, value }) => [name, value]));
      elements[at] = { tag: node.tagName, attributes, text };
    }
    return text;
  };
  visit(parse(page, { onParseError: ({ code }) => errors.push(code) }));
  return { elements, errors };
}

function texts(page: string, tag: string, name?: string): string[] {
  const { elements } = read(page);
  const isWanted = (element: Element): boolean =>
    name === undefined || element.attributes["class"]?.split(" ").includes(name) === true;
  return elements.filter((element) => element.tag === tag && isWanted(element)).map(({ text }) => text);
}

const REQUEST = spansOf(`
GET /api/search | S | 0 | 80 | | 200
  db_search | | 1 | 60
    sql_execute | C | 2 | 30
  POST /audit | C | 62 | 10 | Refused | 503`);

describe("waterfallHtml", () => {
  it("is a whole page that loads nothing, and that a parser has nothing to say about", () => {
    const page = waterfallHtml(REQUEST);
    const { elements, errors } = read(page);
    expect(errors).toEqual([]);
    const loading = elements.filter(
      ({ attributes }) => "src" in attributes || /^(?!#)/.test(attributes["href"] ?? "#"),
    );
    expect(loading).toEqual([]);
    expect(elements.filter(({ tag }) => ["link", "img", "iframe", "object", "base"].includes(tag))).toEqual([]);
    expect(page).not.toMatch(/https?:|@import|url\(/);
  });

  it("allows the script that is in it, and no other", () => {
    const { elements } = read(waterfallHtml(REQUEST));
    const [script, ...others] = elements.filter(({ tag }) => tag === "script");
    const hash = createHash("sha256")
      .update(script?.text ?? "")
      .digest("base64");
    const policy = elements.find(({ attributes }) => attributes["http-equiv"] === "Content-Security-Policy");
    expect(others).toEqual([]);
    expect(policy?.attributes["content"]).toBe(
      `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'`,
    );
  });

  it("says of each span what the lines of a terminal say", () => {
    const page = waterfallHtml(REQUEST);
    expect(texts(page, "bdi", "label")).toEqual(["GET /api/search", "db_search", "sql_execute", "POST /audit"]);
    expect(texts(page, "span", "time")).toEqual(["time", "80ms", "60ms", "30ms", "10ms"]);
    expect(texts(page, "span", "kind")).toEqual(["kind", "server", "", "client", "client"]);
    expect(texts(page, "span", "failed")).toEqual(["✗ error 503"]);
    const bars = read(page).elements.filter(({ attributes }) => attributes["class"] === "bar");
    expect(bars.map(({ attributes }) => attributes["style"])).toEqual([
      "left:0%;width:100%",
      "left:1.25%;width:75%",
      "left:2.5%;width:37.5%",
      "left:77.5%;width:12.5%",
    ]);
  });

  it("marks requests, queries and what caches did", () => {
    const page = waterfallHtml([
      aSpan({
        name: "GET /api/search",
        kind: "server",
        attributes: { "http.request.method": "GET", "cache.hit": false, "cache.lookup_count": 5, "cache.hit_count": 3 },
      }),
      aSpan({ name: "sql_execute", spanId: spanId(2), attributes: { "db.query.summary": "SELECT products" } }),
      aSpan({ name: "lookup", spanId: spanId(3), attributes: { "cache.hit": true, "cache.stale": true } }),
    ]);
    expect(texts(page, "span", "chip")).toEqual(["Request", "cache: MISS 3/5", "cache: STALE"]);
    expect(texts(page, "bdi", "summary")).toEqual(["SELECT products"]);
  });

  it("has everything else there is to know of a span in its details", () => {
    const link = {
      context: { traceId: TRACE, spanId: spanId(1), traceFlags: 1 },
      attributes: { attempt: 2 },
      droppedAttributesCount: 0,
    };
    const elsewhere = { ...link, context: { ...link.context, spanId: spanId(77) } };
    const page = waterfallHtml([
      aSpan({
        name: "root",
        spanId: spanId(1),
        attributes: { "db.query.text": "SELECT 1\n  FROM t", n: 5n, list: ["a", "b"], raw: new Uint8Array([1, 255]) },
      }),
      aSpan({
        name: "child",
        spanId: spanId(2),
        parentSpanId: spanId(1),
        links: [link, elsewhere],
        status: { code: 2, message: "went wrong" },
        events: [{ name: "retry", time: 0, attributes: { after: "1s" }, droppedAttributesCount: 0 }],
        droppedEventsCount: 3,
      }),
    ]);
    expect(texts(page, "td")).toEqual(
      expect.arrayContaining(["SELECT 1\n  FROM t", "5", "[a,b]", "bytes(01ff)", "2", "1s", "3 events"]),
    );
    expect(texts(page, "p")).toEqual(["went wrong"]);
    const { elements } = read(page);
    const targets = elements.filter(({ tag }) => tag === "a").map(({ attributes, text }) => [attributes["href"], text]);
    expect(targets).toEqual([[`#s-${TRACE}-${spanId(1)}`, "root"]]);
    expect(elements.some(({ attributes }) => attributes["id"] === `s-${TRACE}-${spanId(1)}`)).toBe(true);
    expect(texts(page, "code")).toEqual([`${TRACE}/${spanId(77)}`]);
  });

  it("can be of one span, of none, of several traces and of 2,000 spans one below the other", () => {
    expect(texts(waterfallHtml([]), "h1")).toEqual(["No spans"]);
    expect(texts(waterfallHtml([aSpan({ name: "only" })], { title: "A title" }), "title")).toEqual(["A title"]);
    const two = waterfallHtml([
      ...spansOf("a | | 0 | 1"),
      aSpan({ name: "b", traceId: "0af7651916cd43dd8448eb211c80319c" }),
    ]);
    expect([texts(two, "section").length, texts(two, "p")]).toEqual([2, ["2 traces"]]);
    const deep = Array.from({ length: 2_000 }, (_, i) =>
      aSpan({ name: `op ${i}`, spanId: spanId(i + 1), ...(i === 0 ? {} : { parentSpanId: spanId(i) }) }),
    );
    const page = waterfallHtml(deep);
    expect(texts(page, "bdi", "label")).toHaveLength(2_000);
    expect(page).toContain('data-depth="1999"');
  });

  /** Text that means something to a browser, among any other. */
  const hostile = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          "<script>alert(1)</script>",
          "</script>",
          "<!--",
          "-->",
          '"',
          "'",
          "&lt;",
          "&",
          "<img src=x onerror=alert(1)>",
        ),
        fc.constantFrom(
          "</style>",
          "]]>",
          "javascript:alert(1)",
          "\u202e",
          "\u0000",
          "\r\n",
          "</bdi></td>",
          "<plaintext>",
          "`${1}`",
          "\ud800",
        ),
        fc.string({ unit: "binary", maxLength: 6 }),
      ),
      { maxLength: 6 },
    )
    .map((parts) => parts.join(""));

  it("takes nothing of a span for anything but text", () => {
    const benign = shape(waterfallHtml([hostileSpan("x")], { title: "x" }));
    fc.assert(
      fc.property(hostile, (text) => {
        const page = waterfallHtml([hostileSpan(text)], { title: text });
        expect(shape(page)).toEqual(benign);
        expect(read(page).errors).toEqual([]);
        expect(texts(page, "td")).toContain(visibleText(text));
        expect(texts(page, "title")[0]?.replace(/\s+/g, "")).toBe(visibleText(text).replace(/\s+/g, ""));
      }),
      { numRuns: 100 },
    );
  });
});

/** The same text wherever text can be. */
function hostileSpan(text: string): SpanRecord {
  return aSpan({
    name: `name ${text}`,
    traceId: `t${text}`,
    spanId: `s${text}`,
    parentSpanId: `p${text}`,
    kind: "client",
    attributes: {
      [`a ${text}`]: text,
      "db.query.summary": `summary! ${text}`,
      "error.type": `e${text}`,
      "correlation.id": `c${text}`,
      list: [text],
    },
    events: [{ name: `event ${text}`, time: 1, attributes: { [`b ${text}`]: text }, droppedAttributesCount: 0 }],
    links: [
      {
        context: { traceId: text, spanId: text, traceFlags: 1 },
        attributes: { [`l ${text}`]: text },
        droppedAttributesCount: 0,
      },
    ],
    status: { code: 2, message: `m${text}` },
    scope: { name: `scope${text}` },
  });
}

/** Elements with the names of their attributes: what must be the same whatever the texts are. */
function shape(page: string): string[] {
  return read(page).elements.map(({ tag, attributes }) => [tag, ...Object.keys(attributes)].join(" "));
}
