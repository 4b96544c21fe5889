/** The component as an app sees it, as Convex generates it: `components.otel`. */
import type { FunctionReference } from "convex/server";

/** What `status` returns: see the page "outbox" of the documentation. */
export interface OutboxStatus {
  state: "idle" | "running" | "waiting" | "paused";
  pending: number;
  pendingIsAtLeast: boolean;
  pendingBytes: number;
  oldestAgeMs: number | null;
  failed: number;
  delivered: number;
  resent: number;
  restarts: number;
  dropped: { age: number; bytes: number; rejected: number; refused: number; purged: number };
  lastError: { at: number; message: string } | null;
}

export type ComponentApi<Name extends string | undefined = string | undefined> = {
  enqueue: { enqueue: FunctionReference<"mutation", "internal", { more?: boolean; text: string }, boolean, Name> };
  pause: { pause: FunctionReference<"mutation", "internal", Record<string, never>, null, Name> };
  purge: {
    purge: FunctionReference<"mutation", "internal", { before?: number; what: "failed" | "pending" }, number, Name>;
  };
  resume: { resume: FunctionReference<"mutation", "internal", Record<string, never>, null, Name> };
  retryFailed: { retryFailed: FunctionReference<"mutation", "internal", Record<string, never>, number, Name> };
  status: { status: FunctionReference<"query", "internal", Record<string, never>, OutboxStatus, Name> };
};
