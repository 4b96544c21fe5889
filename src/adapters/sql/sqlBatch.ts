/**
 * What telemetry says about several statements that are sent in one call (https://opentelemetry.io/docs/specs/semconv/database/database-spans/):
 * the texts and the summary of a batch.
 */
import { MAX_TEXT_LENGTH, type SqlFingerprint } from "./fingerprintSql.js";
import { SUMMARY_LIMIT } from "./summary.js";

/** What telemetry may say about a batch. */
export interface SqlBatch {
  /** `db.query.text`: the texts, each once, with `; ` between them. At most 32,768 characters. */
  readonly text: string;
  /** `db.query.summary`: `BATCH` and what all summaries have in common; of a single statement its own summary. */
  readonly summary: string | null;
  /** The fingerprint that all statements share; null if they have several, or there is none. */
  readonly fingerprint: string | null;
  /** `db.operation.batch.size`: how many statements, but undefined for one: that is no batch. */
  readonly size: number | undefined;
}

const PREFIX = "BATCH";

/**
 * What telemetry may say about the statements of one batch, from what {@link fingerprintSql} says about each.
 *
 * @param statements - in the order in which they are sent
 *
 * @example
 * ```ts
 * import { fingerprintSql, summarizeBatch } from "convex-otel/sql";
 *
 * const statements = ["INSERT INTO pets VALUES ('Rex')", "INSERT INTO pets VALUES ('Tom')"];
 * const { text, summary, size } = summarizeBatch(statements.map((sql) => fingerprintSql(sql, { dialect: "mysql" })));
 * console.log(text, summary, size); // INSERT INTO pets VALUES (?) BATCH INSERT pets 2
 * ```
 */
export function summarizeBatch(statements: readonly SqlFingerprint[]): SqlBatch {
  const summary = common(statements, (statement) => statement.summary);
  const isBatch = statements.length !== 1;
  return {
    text: joinTexts(statements),
    summary: isBatch ? batchSummary(summary) : summary,
    fingerprint: common(statements, (statement) => statement.fingerprint),
    size: isBatch ? statements.length : undefined,
  };
}

function common(
  statements: readonly SqlFingerprint[],
  read: (statement: SqlFingerprint) => string | null,
): string | null {
  const [first] = statements;
  if (first === undefined) return null;
  const value = read(first);
  return statements.every((statement) => read(statement) === value) ? value : null;
}

/** The distinct texts, as many as fit. */
function joinTexts(statements: readonly SqlFingerprint[]): string {
  const texts = new Set<string>();
  let length = 0;
  for (const { text } of statements) {
    if (texts.has(text)) continue;
    texts.add(text);
    length += text.length;
    if (length > MAX_TEXT_LENGTH) break;
  }
  return [...texts].join("; ").slice(0, MAX_TEXT_LENGTH);
}

function batchSummary(summary: string | null): string {
  if (summary === null) return PREFIX;
  const text = `${PREFIX} ${summary}`;
  return text.length <= SUMMARY_LIMIT ? text : text.slice(0, lastGap(text, SUMMARY_LIMIT));
}

/** Where the last operation or target that fits ends. Names in quotes may hold spaces. */
function lastGap(text: string, limit: number): number {
  let gap = 0;
  for (const { 0: part, index } of text.matchAll(/(?:"[^"]*"|`[^`]*`|\[[^\]]*\]|[^ ])+/g)) {
    if (index + part.length > limit) break;
    gap = index + part.length;
  }
  return gap;
}
