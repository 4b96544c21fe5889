/** Names of operations. Source: `crates/isolate/src/environment/{udf,action}` of get-convex/convex-backend. */
import type { StrictOperationKind } from "./types.js";

const KINDS: Readonly<Record<string, StrictOperationKind>> = {
  "1.0/get": "read",
  "1.0/queryStream": "read",
  "1.0/queryPage": "read",
  "1.0/count": "read",
  "1.0/actions/vectorSearch": "read",
  "1.0/insert": "write",
  "1.0/shallowMerge": "write",
  "1.0/replace": "write",
  "1.0/remove": "write",
  "1.0/runUdf": "call",
  "1.0/actions/query": "call",
  "1.0/actions/mutation": "call",
  "1.0/actions/action": "call",
  "1.0/schedule": "schedule",
  "1.0/cancel_job": "schedule",
  "1.0/actions/schedule": "schedule",
  "1.0/actions/cancel_job": "schedule",
  "1.0/getUserIdentity": "identity",
  fetch: "fetch",
};

/** What an operation is about. */
export function kindOfOperation(name: string): StrictOperationKind {
  if (/^1\.0\/get\w+(Metadata|Metrics|SnapshotTs)$|^1\.0\/getSnapshotTs$/.test(name)) return "metadata";
  if (/^(1\.0\/)?storage/.test(name)) return "storage";
  return KINDS[name] ?? "other";
}

/** The name in warnings about operations that were not awaited: `TaskType::name_when_dangling` in `action/task.rs`. */
export function displayName(name: string): string {
  if (name === "storage/storeBlob") return "storage.store";
  if (name === "storage/getBlob") return "storage.get";
  return name
    .replace("1.0/", "")
    .replace("actions/", "")
    .replace("shallowMerge", "patch")
    .replace("queryPage", "paginate");
}
