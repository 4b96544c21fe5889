/** What a failed statement says about itself, without the values that databases quote in their messages. */
import { recordError } from "../../../core/api.js";
import type { Span } from "../../../core/types.js";
import { DB_RESPONSE_STATUS_CODE, ERROR_TYPE } from "../../../semconv/attributes.js";
import { asDriverError, raisedBy } from "./databaseError.js";
import { databaseMessage } from "./sqlMessages.js";

/** Records a failure on the span of its statement. */
export function recordSqlError(thrown: unknown, span: Span): void {
  const error = asDriverError(thrown);
  const raised = raisedBy(error);
  if (raised === undefined) {
    recordError(thrown, span);
    // Sockets fail with errors of one class; their code tells them apart.
    if (isWord(error.code)) span.setAttribute(ERROR_TYPE, error.code);
    return;
  }
  span.setAttributes({ [DB_RESPONSE_STATUS_CODE]: raised.code, [ERROR_TYPE]: raised.code });
  span.setStatus({ code: 2, message: databaseMessage(raised, error) });
}

/** SQLSTATE of a statement that was cancelled, by hand or for its time; mysql2's own limit for it. */
const CANCELED = new Set<unknown>(["57014", "PROTOCOL_SEQUENCE_TIMEOUT"]);

/** The same by the numbers of MySQL (`max_execution_time`) and of MariaDB (`max_statement_time`). */
const CANCELED_BY_NUMBER = new Set<unknown>([3024, 1969]);

/** Whether a statement failed because it took too long. */
export function isTimeout(thrown: unknown): boolean {
  const { code, errno } = asDriverError(thrown);
  return CANCELED.has(code) || CANCELED_BY_NUMBER.has(errno);
}

function isWord(code: unknown): code is string {
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{1,63}$/.test(code);
}
