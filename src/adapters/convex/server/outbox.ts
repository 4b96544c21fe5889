/** The way out through the component: one call of it, in the transaction of a mutation. */
import type { BegunCall } from "./beginCall.js";
import { callRandom } from "./platform.js";
import { reasonOf } from "./reasonOf.js";
import { hasRoom } from "./room.js";
import { sampledReport } from "./sampledReport.js";
import type { CtxMethod } from "./tracedCalls.js";

/**
 * Hands a text to the outbox. False if there is none, or it cannot take the text: then the text leaves as it would without one.
 * A sub-transaction that fails takes back what it did and nothing else.
 */
export async function enqueue(begun: BegunCall, text: string): Promise<boolean> {
  const { config, ctx } = begun.incoming;
  const { outbox } = config.options;
  // What it writes, and what it reads to see whether somebody drains.
  const needs = { documentsWritten: 1, bytesWritten: text.length, functionsScheduled: 1, databaseQueries: 1 };
  if (!outbox || !(await hasRoom(begun, needs))) return false;
  let message = "it has no endpoint: bind OTEL_EXPORTER_OTLP_ENDPOINT in app.use(otel, { env })";
  try {
    const { runMutation } = ctx as { readonly runMutation: CtxMethod };
    if ((await begun.call.outside(() => runMutation(outbox.enqueue.enqueue, { text }))) === true) return true;
  } catch (thrown) {
    message = reasonOf(thrown);
  }
  const report = sampledReport(config.report, callRandom());
  report({
    level: "warn",
    code: "outbox.unavailable",
    message: `The outbox took no spans, which left without it: ${message}`,
  });
  return false;
}
