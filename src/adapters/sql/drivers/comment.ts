/** sqlcommenter (https://google.github.io/sqlcommenter/spec/): the identity of a span, at the end of its statement. */
import type { RunningQuery } from "./querySpan.js";
import type { SqlClient } from "./sqlClient.js";

/** The statement with the comment, or as it is where none is wanted, or where it holds a comment already. */
export function commented<T>(client: SqlClient, sql: T, { span }: RunningQuery): T | string {
  if (client.comments === "none" || span === undefined || typeof sql !== "string") return sql;
  // Behind a comment that goes to the end of its line nothing would be seen, and one of somebody else is not to be changed.
  if (sql.includes("--") || sql.includes("/*") || sql.includes("#")) return sql;
  const { traceId, spanId, traceFlags } = span.spanContext();
  const flags = traceFlags.toString(16).padStart(2, "0");
  return `${sql} /*traceparent='00-${traceId}-${spanId}-${flags}'*/`;
}
