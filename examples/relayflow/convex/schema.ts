/**
 * What Relayflow stores: each webhook as it arrived, the event it means, the task it leads to, and what had to be
 * given up. One table a stage, so that the raw payload is never touched again once it is stored.
 */
import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";
import { canonicalEventFields } from "./model/canonicalEvent";
import { deadLetterReason } from "./model/retryPolicy";

/** A task waits for its next attempt, or it is over. */
export const taskStatus = v.union(v.literal("pending"), v.literal("succeeded"), v.literal("dead_lettered"));

export default defineSchema({
  /** Raw deliveries, byte for byte what the signature was checked against. */
  webhookDeliveries: defineTable({
    provider: v.literal("stripe"),
    /** The sender's id of the event. Absent if the payload could not be read. */
    deliveryId: v.optional(v.string()),
    payload: v.string(),
    /** The trace that received it, so that a replay weeks later can link back to it. */
    traceparent: v.optional(v.string()),
  }).index("by_provider_and_delivery_id", ["provider", "deliveryId"]),

  events: defineTable({ ...canonicalEventFields, deliveryDocId: v.id("webhookDeliveries") }),

  automationTasks: defineTable({
    eventId: v.id("events"),
    deliveryDocId: v.id("webhookDeliveries"),
    handler: v.string(),
    status: taskStatus,
    attempts: v.number(),
    /** When the next attempt is due, in milliseconds since the Unix epoch. */
    dueAt: v.number(),
    lastError: v.optional(v.string()),
  })
    // Convex appends _creationTime to each index: within a status, tasks come in the order they were created.
    .index("by_status_created", ["status"])
    .index("by_status_due", ["status", "dueAt"]),

  deadLetters: defineTable({
    deliveryDocId: v.id("webhookDeliveries"),
    /** Absent if the payload never became a task. */
    taskId: v.optional(v.id("automationTasks")),
    reason: deadLetterReason,
    attempts: v.number(),
    detail: v.string(),
    replayedAt: v.optional(v.number()),
  }),
});
