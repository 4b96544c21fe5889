/** The page of a trace in a real browser: it shows what it should, fits, folds, and complains of nothing. */
import { type Browser, chromium, type Page } from "playwright-core";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { runDemo } from "../../examples/relayflow/demo/runDemo.js";
import type { SpanRecord } from "../../src/index.js";
import { waterfallHtml } from "../../src/testing/index.js";
import { aSpan, spanId, spansOf } from "../testing/spans.js";

const binary = inject("chromiumBinary");

const REQUEST = spansOf(`
GET /api/search | S | 0 | 80 | | 200
  db_search | | 1 | 60
    sql_execute | C | 2 | 30
  serialize | | 62 | 10`);

describe.skipIf(binary === "")("the page of a trace, in Chromium", () => {
  const folder = mkdtempSync(join(tmpdir(), "convex-otel-page-"));
  let browser: Browser;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: binary, args: ["--no-sandbox", "--disable-gpu"] });
  });

  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a page, with everything it had to say. */
  async function open(
    spans: readonly SpanRecord[],
    width = 1280,
    options = {},
  ): Promise<{ page: Page; said: string[] }> {
    const file = join(folder, "trace.html");
    writeFileSync(file, waterfallHtml(spans));
    const page = await browser.newPage({ viewport: { width, height: 800 }, ...options });
    const said: string[] = [];
    page.on("console", (message) => said.push(message.text()));
    page.on("pageerror", (error) => said.push(error.message));
    page.on("request", (request) => request.url().startsWith("file:") || said.push(request.url()));
    await page.goto(pathToFileURL(file).href);
    return { page, said };
  }

  it.each([
    [1280, "light"],
    [400, "dark"],
  ] as const)(
    "%d pixels wide, %s: all rows, within the window, with bars of their length",
    async (width, colorScheme) => {
      const { page, said } = await open(REQUEST, width, { colorScheme });
      const labels = await page.locator(".span .label").allTextContents();
      expect(labels).toEqual(["GET /api/search", "db_search", "sql_execute", "serialize"]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      const boxes = await Promise.all(labels.map((_, i) => page.locator(".span .bar").nth(i).boundingBox()));
      const [whole = 0, ...others] = boxes.map((box) => box?.width ?? 0);
      expect(others.map((length) => Math.round((length / whole) * 80))).toEqual([60, 30, 10]);
      const paper = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect(paper).toBe(colorScheme === "light" ? "rgb(255, 255, 255)" : "rgb(20, 24, 29)");
      expect(said).toEqual([]);
      await page.close();
    },
  );

  it("folds and unfolds, opens details, and follows links to spans that are folded away", async () => {
    const [root, ...others] = REQUEST as [SpanRecord, ...SpanRecord[]];
    const target = { traceId: root.traceId, spanId: spanId(3), traceFlags: 1 };
    const links = [{ context: target, attributes: {}, droppedAttributesCount: 0 }];
    const { page, said } = await open([{ ...root, links }, ...others]);
    const visible = (): Promise<number> => page.locator(".span:visible").count();
    await page.getByRole("button", { name: "children of db_search" }).click();
    expect(await visible()).toBe(3);
    await page.getByText("GET /api/search").last().click();
    await page.getByRole("link", { name: "sql_execute" }).click();
    expect(await page.locator(`#s-${root.traceId}-${spanId(3)} .details`).isVisible()).toBe(true);
    await page.getByRole("button", { name: "fold", exact: true }).click();
    expect(await visible()).toBe(3);
    await page.getByRole("button", { name: "unfold" }).click();
    expect(await visible()).toBe(4);
    await page.getByRole("button", { name: "open all" }).click();
    expect(await page.locator("details[open]").count()).toBe(4);
    expect(said).toEqual([]);
    await page.close();
  });

  it("can be read without scripts", async () => {
    const { page } = await open(REQUEST, 1280, { javaScriptEnabled: false });
    expect(await page.locator(".span:visible").count()).toBe(4);
    await page.locator("summary").nth(1).click();
    expect(await page.locator(".details:visible").count()).toBe(1);
    await page.close();
  });

  it("runs nothing of a span, not even where the page were wrong", async () => {
    const text = `"><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
    const { page, said } = await open([aSpan({ name: text, attributes: { [text]: text } })]);
    expect(await page.title()).toBe(text);
    expect([await page.locator("img").count(), said]).toEqual([0, []]);
    // The policy of the page holds as well, if something were to get in.
    await page.evaluate((html) => document.body.insertAdjacentHTML("beforeend", html), text);
    await expect.poll(() => said.join("\n")).toMatch(/inline event handler.*Content Security Policy/);
    expect(await page.title()).toBe(text);
    await page.close();
  });

  it("holds 2,000 spans, and the demo's traces", async () => {
    const many = Array.from({ length: 2_000 }, (_, i) => {
      return aSpan({
        name: `op ${i}`,
        spanId: spanId(i + 1),
        ...(i === 0 ? {} : { parentSpanId: spanId(Math.ceil(i / 3)) }),
      });
    });
    const large = await open(many);
    expect(await large.page.locator(".span").count()).toBe(2_000);
    await large.page.close();
    const { spans } = await runDemo({ runId: "page", measuredRounds: 0 });
    const demo = await open(spans, 400);
    expect(await demo.page.locator("section").count()).toBe(4);
    expect(await demo.page.locator(".span").count()).toBe(spans.length);
    expect(await demo.page.evaluate(() => document.documentElement.scrollWidth)).toBe(400);
    expect([large.said, demo.said]).toEqual([[], []]);
    await demo.page.close();
  });
});
