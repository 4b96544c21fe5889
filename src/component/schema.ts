/** The tables of the outbox. Who reads and writes each of them, and why nobody waits for anybody: see README.md. */
import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";

export const vStatus = v.union(v.literal("idle"), v.literal("running"), v.literal("waiting"), v.literal("paused"));

/** Lost spans by reason. */
export const vDropped = v.object({
  /** Waited for too long. */
  age: v.number(),
  /** There was too much. */
  bytes: v.number(),
  /** A backend took the request, and not these. */
  rejected: v.number(),
  /** A backend refused the request until these were alone: they were set aside. */
  refused: v.number(),
  /** Thrown away by hand. */
  purged: v.number(),
});

/** What one diagnostic span says: see dropReport.ts. */
export const vDropReport = v.object({
  traceId: v.string(),
  spanId: v.string(),
  since: v.number(),
  upTo: v.number(),
  dropped: vDropped,
  /** Whether it was sent, or may have been, and no answer came. */
  mayHaveArrived: v.boolean(),
});

export default defineSchema({
  /**
   * What waits to be sent: one document for each call, an element of `resourceSpans` as JSON. Callers only insert; the
   * drain deletes by id. Nothing is ever patched.
   */
  texts: defineTable({ text: v.string() }),
  /** What a backend refused for good, alone in its text. Written by the drain, read by people. */
  failed: defineTable({ text: v.string(), reason: v.string() }),
  /** One document: who drains, until when, and what became of spans. Callers read it on a snapshot only and never write it. */
  runner: defineTable({
    status: vStatus,
    /** A drain with another generation has been replaced: it may report what it delivered and nothing else. */
    generation: v.number(),
    /** End of the lease, in milliseconds since the Unix epoch: after it, whoever looks may start a new drain. */
    until: v.number(),
    /** Failed attempts in a row: the breaker. */
    failures: v.number(),
    /** When the one pending look of the watchdog is due; 0 if there is none. */
    watchAt: v.number(),
    /** Since when nothing waited, while idle. */
    idleSince: v.number(),
    /** Everything created well before this is gone: scans start here, not at the tombstones of what was delivered. */
    mark: v.number(),
    /** What a drain is sending now: spans, and the newest text of it. */
    inFlight: v.object({ spans: v.number(), upTo: v.number() }),
    /** Texts up to here may have arrived although no answer did. */
    resendUpTo: v.number(),
    /** A backlog, as far as it was measured: texts and bytes up to this creation time. */
    measured: v.object({ upTo: v.number(), texts: v.number(), bytes: v.number() }),
    delivered: v.number(),
    resent: v.number(),
    restarts: v.number(),
    dropped: vDropped,
    /** What of it is, or was, in a diagnostic span; since when there is more, or 0; and that span until a backend has answered. */
    told: v.object({ dropped: vDropped, untoldSince: v.number(), report: v.optional(vDropReport) }),
    lastError: v.optional(v.object({ at: v.number(), message: v.string() })),
  }),
});
