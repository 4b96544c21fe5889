/** `ctx.meta` by type of function: `crates/isolate/src/environment/{udf,action}/async_syscall.rs` of get-convex/convex-backend. */
import { describe, expect, it, vi } from "vitest";
import { finishJobs, startRules } from "./rules.js";

interface Request {
  readonly requestId: string;
  readonly scheduledFunctionId: string | null;
}

describe("ctx.meta", () => {
  it("has no request in queries, and no transaction in actions, not even for who asks the backend", async () => {
    const { query, mutation, action } = await startRules();
    const everywhere = ["getDeploymentMetadata", "getFunctionMetadata"];
    const transaction = ["getSnapshotTs", "getTransactionMetrics"];
    expect(await query("meta:query_")).toEqual([[...everywhere, ...transaction], "refused"]);
    const ofMutation = ["getDeploymentMetadata", "getFunctionMetadata", "getRequestMetadata", ...transaction];
    expect(await mutation("meta:mutation_")).toEqual([ofMutation, "answered"]);
    expect(await action("meta:action_")).toEqual([[...everywhere, "getRequestMetadata"], "refused"]);
  });

  it("names the function", async () => {
    const { mutation, t } = await startRules();
    const described = { name: "meta:describe", componentPath: "", type: "mutation", visibility: "public" };
    expect(await mutation("meta:describe")).toEqual(described);
    expect(await (await t.fetch("/meta")).json()).toMatchObject({ name: "http", type: "action" });
  });

  // Its documentation in npm-packages/convex/src/server/meta.ts
  it("getSnapshotTs limits caching as Date.now does", async () => {
    const { query, calls } = await startRules();
    expect(await query("meta:snapshot")).toBe("bigint");
    expect(calls).toMatchObject([{ observedTime: true }]);
  });

  // crates/common/src/execution_context.rs
  it("has one request id for all that an action calls", async () => {
    const { action } = await startRules();
    const seen = (await action("meta:inAction")) as Request[];
    expect(new Set(seen.map(({ requestId }) => requestId)).size).toBe(1);
    expect(seen.map(({ scheduledFunctionId }) => scheduledFunctionId)).toEqual([null, null, null]);
  });

  // crates/application/src/scheduled_jobs/mod.rs
  it("of a job has a request id of its own and the job's id, also in what the job calls, and nobody's identity", async () => {
    vi.useFakeTimers();
    const backend = await startRules();
    const { requestId, jobId } = (await backend.mutation("meta:schedules")) as { requestId: string; jobId: string };
    await finishJobs(backend);
    const line = backend.callsOf("meta:job")[0]?.console[0]?.text ?? "";
    const [own, nested, identity] = JSON.parse(line) as [Request, Request, unknown];
    expect(own.requestId).not.toBe(requestId);
    expect([own.scheduledFunctionId, nested, identity]).toEqual([jobId, own, null]);
  });
});
