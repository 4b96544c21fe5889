/** HTTP actions: https://docs.convex.dev/functions/http-actions and `stream_http_result` in environment/action/mod.rs of get-convex/convex-backend. */
import { describe, expect, it } from "vitest";
import { startRules } from "./rules.js";

describe("an HTTP action", () => {
  it("answers a request, in a realm of its own", async () => {
    const { t, calls, query } = await startRules();
    const response = await t.fetch("/echo", { method: "POST", body: "hello" });
    expect([response.status, response.headers.get("x-kind"), await response.text()]).toEqual([201, "echo", "HELLO"]);
    expect(await query("notes:list")).toEqual(["hello"]);
    expect(calls.map(({ path, type, parent }) => `${type} ${path} of ${parent?.path ?? "nobody"}`)).toEqual([
      "httpAction POST /echo of nobody",
      "mutation notes:add of POST /echo",
      "query notes:list of nobody",
    ]);
  });

  it("lasts until its body has been sent", async () => {
    const { t, calls, query } = await startRules();
    const response = await t.fetch("/stream");
    expect(calls[0]).toMatchObject({ outcome: "running" });
    expect(await response.text()).toBe("streamed");
    expect(calls[0]).toMatchObject({ outcome: "returned", unawaited: [] });
    expect(await query("notes:list")).toEqual(["while streaming"]);
  });

  // HTTP_ACTION_BODY_LIMIT in crates/udf/src/http_action.rs, `handle_http_streamed_part` in environment/action/mod.rs
  it("sends 20 MiB at most, and what does not fit is left out with an error line", async () => {
    const { t, calls } = await startRules();
    expect((await (await t.fetch("/full")).arrayBuffer()).byteLength).toBe(20 * 2 ** 20);
    expect((await (await t.fetch("/large")).arrayBuffer()).byteLength).toBe(16 * 2 ** 20);
    expect(calls).toMatchObject([
      { console: [] },
      {
        outcome: "returned",
        console: [{ level: "ERROR", text: /HttpResponseTooLarge/, systemCode: "error:httpAction" }],
      },
    ]);
  });

  it("warns of operations that nobody awaited, once its body has been sent", async () => {
    const { t, callsOf } = await startRules();
    expect(await (await t.fetch("/forgetful")).text()).toBe("fine");
    expect(callsOf("GET /forgetful")).toMatchObject([
      { unawaited: ["mutation"], console: [{ level: "WARN", systemCode: "UnawaitedOperations" }] },
    ]);
  });

  it("has to return a Response", async () => {
    const { t, calls } = await startRules();
    await expect(t.fetch("/text")).rejects.toThrow();
    expect(calls).toMatchObject([{ outcome: "threw" }]);
  });

  it("whose body breaks has already sent its status", async () => {
    const { t, calls } = await startRules();
    const response = await t.fetch("/breaks");
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow("broken body");
    expect(calls).toMatchObject([{ outcome: "threw", error: "broken body" }]);
  });

  it("gets the method, address, headers and signal of the request", async () => {
    const { t } = await startRules();
    const response = await t.fetch("/request?a=1", { method: "POST", headers: { "x-a": "b" } });
    expect(await response.json()).toEqual(["POST", "/request", "b", false]);
  });

  it("is ended by an unhandled rejection", async () => {
    const { t, calls } = await startRules();
    await expect(t.fetch("/rejects")).rejects.toThrow("in http");
    expect(calls).toMatchObject([{ outcome: "killed" }]);
  });

  it("that nobody has routed is a 404", async () => {
    const { t, calls } = await startRules();
    expect((await t.fetch("/nowhere")).status).toBe(404);
    expect(calls).toEqual([]);
  });
});
