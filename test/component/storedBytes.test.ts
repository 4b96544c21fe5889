/** What a traced call stores in the outbox, against the OTLP/JSON that leaves for it: `docs/cost.md` has the same numbers. */
import { getDocumentSize } from "convex/values";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { joinTexts } from "../../src/otlp/index.js";
import { countSpans } from "../../src/otlp/split.js";
import { strictApp } from "./strictApp.js";

const page = readFileSync(new URL("../../docs/cost.md", import.meta.url), "utf8").replace(/ +/g, " ");

const CALLS = [
  { what: "a mutation that inserts", name: "later", spans: 2 },
  { what: "a mutation that reads and inserts", name: "add", spans: 3 },
  { what: "a mutation with 98 `withSpan`", name: "hundred", spans: 100 },
];

/** Ids, times and the names of the test differ by a few bytes. */
const round = (bytes: number) => (Math.round(bytes / 50) * 50).toLocaleString("en");

describe.each(CALLS)("$what", ({ what, name, spans }) => {
  it("is what the documentation says", async () => {
    const app = await strictApp();
    await app.mutation(name, "a");
    const { texts } = await app.tables();
    const [document] = texts;
    if (document === undefined || texts.length > 1) expect.fail("one document for each call");
    const stored = getDocumentSize(document);
    const otlp = Buffer.byteLength(joinTexts([document.text]));
    expect(countSpans(document.text)).toBe(spans);
    // What Convex adds to a document: its id, its creation time and the name of the field.
    expect(stored - otlp).toBeLessThan(100);
    const cells = [what, spans, round(stored), round(otlp), round(stored / spans)];
    expect(page).toContain(`| ${cells.join(" | ")} |`);
  });
});
