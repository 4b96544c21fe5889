/** The call of the external API, and nothing else: what an answer means is in `model/retryPolicy.ts`. */
import { recordError, withSpan } from "convex-otel";
import type { Doc } from "./_generated/dataModel";
import { resultOfStatus, type AttemptResult } from "./model/retryPolicy";

/** How long the target may take to answer, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** Hands an event to the target. An answer of any kind is a result, and so is none: this only throws if misconfigured. */
export async function callTarget(task: Doc<"automationTasks">, event: Doc<"events">): Promise<AttemptResult> {
  const url = targetUrl(task.handler);
  const attributes = {
    "http.request.method": "POST",
    "url.full": url.href,
    "server.address": url.hostname,
    "server.port": Number(url.port || (url.protocol === "https:" ? 443 : 80)),
    ...(task.attempts > 0 && { "http.request.resend_count": task.attempts }),
  };
  return await withSpan("POST", { kind: "client", attributes }, async (span) => {
    // The span ends with the head of the answer, and each attempt has its own: the conventions for HTTP clients.
    try {
      const { status } = await post(url, task, event);
      span.setAttribute("http.response.status_code", status);
      if (status >= 400) span.setAttribute("error.type", String(status)).setStatus({ code: 2 });
      return resultOfStatus(status);
    } catch (error) {
      recordError(error);
      return { kind: "failed", retryable: true, detail: "no answer" };
    }
  });
}

function post(url: URL, task: Doc<"automationTasks">, event: Doc<"events">): Promise<Response> {
  return fetch(url.href, {
    method: "POST",
    // Not sent: trace headers. For a target of your own, wrap the headers in injectHeaders(), and its spans join the trace.
    // An attempt may have arrived although its answer got lost: the key lets the target tell.
    headers: { "content-type": "application/json", "idempotency-key": task._id },
    body: JSON.stringify(event),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
}

function targetUrl(handler: string): URL {
  const { RELAY_TARGET_URL } = process.env;
  if (!RELAY_TARGET_URL)
    throw new Error("RELAY_TARGET_URL is not set. Run: npx convex env set RELAY_TARGET_URL https://…");
  return new URL(handler, RELAY_TARGET_URL.endsWith("/") ? RELAY_TARGET_URL : `${RELAY_TARGET_URL}/`);
}
