/** Spans as OTLP/JSON texts, for an exporter of one's own: what it gets is the same as in Convex. */
import type { Env, Exporter, ExportResult } from "../core/ports.js";
import type { Resource, SpanRecord } from "../core/types.js";
import { encodeSpans } from "../otlp/encode.js";
import { SCOPE_NAME, VERSION } from "../semconv/version.js";
import { failedWith, type SendOutcome } from "./sendOutcome.js";

/**
 * Spans of one text: `encodeSpans` drops what does not fit into 256 kB, and no usual span has more than 2.5 kB.
 */
const SPANS_PER_TEXT = 100;

/** The limits of one attempt. */
export interface TextSending {
  readonly env: Env;
  readonly timeoutMs: number;
}

/** Sends spans of one resource. */
export async function sendTexts(
  exporter: Exporter,
  spans: readonly SpanRecord[],
  resource: Resource,
  sending: TextSending,
): Promise<SendOutcome> {
  const scope = { name: SCOPE_NAME, version: VERSION };
  const texts: string[] = [];
  for (let from = 0; from < spans.length; from += SPANS_PER_TEXT) {
    texts.push(encodeSpans(spans.slice(from, from + SPANS_PER_TEXT), { resource, scope }).text);
  }
  return outcomeOf(await exporter.send(texts, sending));
}

/** What is to be sent again is lost here: who wants retries makes them, within the time limit. */
function outcomeOf(result: ExportResult): SendOutcome {
  const { outcome, rejectedSpans, message } = result;
  return outcome === "delivered" ? { outcome, rejectedSpans, message } : failedWith(undefined);
}
