/**
 * Takes the plans of slow queries. Everything here is about not being noticed: after the query, on a connection that nobody
 * waits for, one at a time, few in a minute, and once for each shape of query.
 */
import { optionError } from "../../../core/adapterOptions.js";
import { startSpan } from "../../../core/api.js";
import type { Attributes, Span } from "../../../core/types.js";
import {
  CONVEX_DB_QUERY_FINGERPRINT,
  CONVEX_DB_QUERY_PLAN_MISSED,
  DB_QUERY_SUMMARY,
  DB_QUERY_TEXT,
} from "../../../semconv/attributes.js";
import { type SqlClient, targetAttributes } from "../drivers/sqlClient.js";
import type { SqlFingerprint } from "../fingerprintSql.js";
import { isExplainable } from "./explainable.js";
import { planAttributes } from "./planFacts.js";
import type { PlanFormat } from "./planFormat.js";
import { PlanQuota } from "./planQuota.js";

/** Which queries count as slow, and of how many the plan is taken. */
export interface SlowQueryPlanOptions {
  /** Milliseconds from which on a query is slow, without the wait for a connection. @defaultValue 500 */
  readonly thresholdMs?: number | undefined;
  /** The share of slow queries, from 0 to 1, whose plan is taken. @defaultValue 1 */
  readonly sampleRatio?: number | undefined;
  /** Milliseconds for which the plan of one fingerprint is not taken again. @defaultValue 3,600,000, an hour */
  readonly windowMs?: number | undefined;
  /** The most plans in any minute. @defaultValue 6 */
  readonly maxPerMinute?: number | undefined;
}

/** Where plans come from. */
export interface PlanSource {
  readonly format: PlanFormat;
  /** Whether a plan can be asked for now, without anybody waiting for it. */
  isFree(): boolean;
  /**
   * What the database returns for a statement that asks for a plan, with the values of the one that was slow. Its statements are
   * not traced. Connections of a pool are opened with tracing as it is: what is active then stays active in all their events.
   */
  explain(sql: string, values: unknown): Promise<unknown>;
}

/** A query that was slow. */
export interface SlowQuery {
  readonly client: SqlClient;
  readonly sql: string;
  readonly values: unknown;
  readonly known: SqlFingerprint;
  readonly span: Span;
}

/** Takes plans. */
export interface SlowPlans {
  readonly thresholdMs: number;
  /** Milliseconds of a clock that only counts. */
  now(): number;
  /** Takes the plan of a query, later, if it may. Never throws. */
  take(query: SlowQuery): void;
}

/** Checks options. Throws a TypeError. Without options no plans are taken. */
export function slowPlans(
  where: string,
  options: SlowQueryPlanOptions | undefined,
  source: PlanSource,
): SlowPlans | undefined {
  if (options === undefined) return undefined;
  const { thresholdMs = 500, sampleRatio = 1, windowMs = 3_600_000, maxPerMinute = 6 } = options;
  checkNumber(where, "thresholdMs", thresholdMs, Infinity);
  checkNumber(where, "sampleRatio", sampleRatio, 1);
  checkNumber(where, "windowMs", windowMs, Infinity);
  checkNumber(where, "maxPerMinute", maxPerMinute, Infinity);
  const now = (): number => performance.now();
  const quota = new PlanQuota({ windowMs, maxPerMinute });
  let isBusy = false;
  let missed = 0;

  const explain = async (query: SlowQuery): Promise<void> => {
    const startTime = Date.now();
    const { client, sql, values, known } = query;
    const returned = await source.explain(`${source.format.prefix} ${sql}`, values);
    const plan = source.format.read(returned, { known, fingerprint: client.fingerprint });
    if (plan === undefined) throw new TypeError("what EXPLAIN returned is no plan");
    recordPlan(query, source.format, startTime, {
      ...planAttributes(plan),
      [CONVEX_DB_QUERY_PLAN_MISSED]: missed === 0 ? undefined : missed,
    });
    missed = 0;
  };

  const take = async (query: SlowQuery): Promise<void> => {
    isBusy = true;
    try {
      await explain(query);
    } catch {
      missed += 1;
      query.client.report({ level: "warn", code: "sql.plan_failed", message: FAILED });
    } finally {
      isBusy = false;
    }
  };

  return {
    thresholdMs,
    now,
    take(query) {
      if (!isExplainable(query.known) || !isSampled(query.span, sampleRatio)) return;
      if (!quota.allows(query.known.fingerprint, now())) return;
      if (isBusy || !source.isFree()) missed += 1;
      else {
        quota.use(query.known.fingerprint, now());
        void take(query);
      }
    },
  };
}

/** A plan's summary begins with it. */
const PREFIX = "EXPLAIN";

const FAILED =
  "The plan of a slow query could not be taken: no connection for it, or EXPLAIN failed there. Later ones are counted on the next plan.";

/**
 * The query's span has ended, and nobody waited for the plan: it is a span of its own, below the query that it explains, at
 * the time when it was taken.
 */
function recordPlan({ client, known, span }: SlowQuery, format: PlanFormat, startTime: number, plan: Attributes): void {
  const summary = known.summary === null ? PREFIX : `${PREFIX} ${known.summary}`;
  const attributes = {
    ...targetAttributes(client),
    [DB_QUERY_TEXT]: `${format.prefix} ${known.text}`,
    [DB_QUERY_SUMMARY]: summary,
    [CONVEX_DB_QUERY_FINGERPRINT]: known.fingerprint,
    ...plan,
  };
  startSpan(summary, { kind: "client", parent: span, startTime, attributes }).end();
}

/** By the id of the span, which is random. */
function isSampled(span: Span, ratio: number): boolean {
  return ratio >= 1 || Number.parseInt(span.spanContext().spanId.slice(-8), 16) / 2 ** 32 < ratio;
}

function checkNumber(where: string, name: string, given: unknown, max: number): void {
  if (typeof given === "number" && given >= 0 && given <= max) return;
  const allowed = max === 1 ? "a number from 0 to 1" : "a number not below 0";
  throw optionError(where, `slowQueryPlans.${name}`, given, allowed);
}
