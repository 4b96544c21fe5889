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
