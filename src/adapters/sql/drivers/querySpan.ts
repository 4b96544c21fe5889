/** The CLIENT spans of statements. */
import { startSpan } from "../../../core/api.js";
import type { Outcome } from "../../../core/observe.js";
import type { Span } from "../../../core/types.js";
import {
  CONVEX_DB_QUERY_FINGERPRINT,
  CONVEX_DB_QUERY_SLOW,
  DB_NAMESPACE,
  DB_QUERY_SUMMARY,
  DB_QUERY_TEXT,
  DB_RESPONSE_RETURNED_ROWS,
  DB_SYSTEM_NAME,
  SERVER_ADDRESS,
  SERVER_PORT,
} from "../../../semconv/attributes.js";
import type { SqlFingerprint } from "../fingerprintSql.js";
import { type SqlClient, targetAttributes } from "./sqlClient.js";
import { isTimeout, recordSqlError } from "./sqlErrors.js";
import { isTransactionControl } from "./transactionControl.js";

/** A statement that is about to be sent. */
export interface Statement {
  readonly sql: unknown;
  /** What is bound to its parameters, as the driver's source of plans wants it. Only ever given back to the same database. */
  readonly values?: unknown;
  /** Whether a plan of it can be asked for: not of several statements in one, and not where a transaction is in the way. */
  readonly plan?: "wanted" | "no";
}

/** A statement that was sent. */
export interface RunningQuery {
  /** The span, where it has one already. */
  readonly span: Span | undefined;
  /** From now on the database works on it: waiting for a connection is part of the span, but not of its being slow. */
  sent(): void;
  /** Ends the span. Later calls are ignored. */
  end(outcome: Outcome, rows?: number): void;
}

/** Starts the span of a statement, below the one that asks. */
export function startQuery(asking: Span, client: SqlClient, statement: Statement): RunningQuery {
  const isOmitted = client.transactions === "omit" && isTransactionControl(statement.sql);
  return isOmitted ? omittedQuery(client, statement, asking) : recordedQuery(client, statement);
}

/** A statement that has a span only if it fails: of a transaction, that is when something was to be known of it. */
function omittedQuery(client: SqlClient, { sql }: Statement, parent: Span): RunningQuery {
  const startTime = Date.now();
  return {
    span: undefined,
    sent: () => undefined,
    end(outcome) {
      if (!("thrown" in outcome) || !parent.isRecording()) return;
      const span = querySpan(client, client.fingerprint(sql as string), { parent, startTime });
      recordSqlError(outcome.thrown, span);
      span.end();
    },
  };
}

function recordedQuery(client: SqlClient, { sql, values, plan = "wanted" }: Statement): RunningQuery {
  const known = client.fingerprint(sql as string);
  const span = querySpan(client, known);
  const { target } = client;
  const plans = plan === "wanted" ? client.plans : undefined;
  let startedAt = plans?.now() ?? 0;
  let isEnded = false;
  return {
    span,
    sent() {
      startedAt = plans?.now() ?? 0;
      // A pool knows where it sends to when it has a connection: the first one tells.
      if (client.target !== target) span.setAttributes(targetAttributes(client));
    },
    end(outcome, rows) {
      if (isEnded) return;
      isEnded = true;
      const isSlow = plans !== undefined && plans.now() - startedAt >= plans.thresholdMs;
      if (isSlow) span.setAttribute(CONVEX_DB_QUERY_SLOW, true);
      if ("thrown" in outcome) recordSqlError(outcome.thrown, span);
      else if (rows !== undefined) span.setAttribute(DB_RESPONSE_RETURNED_ROWS, rows);
      span.end();
      const isExplained = !("thrown" in outcome) || isTimeout(outcome.thrown);
      if (isSlow && isExplained) plans.take({ client, sql: String(sql), values, known, span });
    },
  };
}

/** Attributes are written as one literal: V8 takes microseconds to put an object together from parts. */
function querySpan(
  { system, target }: SqlClient,
  known: SqlFingerprint,
  earlier?: { readonly parent: Span; readonly startTime: number },
): Span {
  const { text, summary, fingerprint } = known;
  const attributes = {
    [DB_SYSTEM_NAME]: system,
    [DB_NAMESPACE]: target.namespace,
    [SERVER_ADDRESS]: target.address,
    [SERVER_PORT]: target.port,
    [DB_QUERY_TEXT]: text === "" ? undefined : text,
    [DB_QUERY_SUMMARY]: summary ?? undefined,
    [CONVEX_DB_QUERY_FINGERPRINT]: text === "" ? undefined : fingerprint,
  };
  const options = { kind: "client", attributes } as const;
  return startSpan(summary ?? system, earlier === undefined ? options : { ...options, ...earlier });
}
