/** The numbers of the outbox, and why they are what they are. */
import { MAX_REQUEST_SPANS } from "../otlp/batchLimits.js";

/** Spans and bytes of one batch: one request. Below the 900,000 bytes that presets keep to, with room for marks of re-sending. */
export const BATCH_SPANS = MAX_REQUEST_SPANS;
export const BATCH_BYTES = 850_000;
export const BATCH_TEXTS = 512;

/** How long texts are collected before they leave: the default of `OTEL_BSP_SCHEDULE_DELAY`. */
export const BATCH_DELAY_MS = 5_000;

/** How long one drain goes on while batches are full; then the next one takes over, far below the 10 minutes of an action. */
export const RUN_MS = 60_000;

/** How long one batch may take, with all requests that it is split into. */
export const BATCH_MS = 30_000;

/** How many requests one batch may be split into. What is left after that waits for the next batch. */
export const BATCH_REQUESTS = 40;

/** How long the request may take that says what was dropped. */
export const TELL_MS = 10_000;

/** A drain that has not been heard of for so long is dead: half as long again as a batch and that request may take. */
export const LEASE_MS = 60_000;

/** How often the watchdog looks while something waits or runs. */
export const WATCH_MS = 60_000;

/** How often it looks while paused: retention goes on. */
export const PAUSED_WATCH_MS = 10 * 60_000;

/**
 * How much older than others a text may be that is seen after them: a creation time is set when a mutation starts and seen
 * when it commits. Convex ends mutations after 16 s (1 s of their own code, 15 s of the system's).
 */
export const LATE_MS = 60_000;

/** Longest pause of the breaker of its own accord: soon enough after an outage. */
export const BREAKER_MAX_MS = 5 * 60_000;

/** What one transaction of retention, measuring or purging reads at most: far below Convex's 16 MiB. */
export const STEP_TEXTS = 200;
export const STEP_BYTES = 4_000_000;

/** How many texts one look measures: it only reads, so more than a step that deletes. */
export const MEASURE_TEXTS = 2_000;

/**
 * Between two steps of measuring while batches leave: each writes the runner, and makes a `settle` start again that has read it
 * before. One that loses five times gives up, and its batch is sent twice.
 */
export const MEASURE_PAUSE_MS = 5_000;

/** Default retention. */
export const MAX_AGE_HOURS = 24;
export const MAX_MEGABYTES = 512;

/** Documents that `status` counts one by one. */
export const STATUS_TEXTS = 100;
