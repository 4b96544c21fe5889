/** What `fetch` is called with: what telemetry says of it, and how headers are added to it. */
import type { Span } from "../../core/types.js";
import { contentFor } from "../../propagation/active.js";
import { injectHeaders } from "../../propagation/headers.js";

/** Arguments of `fetch`. */
export type FetchArgs = Parameters<typeof fetch>;

/** What is known of a request before it is sent. */
export interface Outgoing {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
}

/** Methods that `fetch` takes in any case of letters (Fetch standard, "normalize a method"). */
const NORMALIZED = /^(?:delete|get|head|options|post|put)$/i;

/** Describes a request; undefined for one that is not made over HTTP, or that `fetch` is going to refuse. */
export function outgoing(args: FetchArgs): Outgoing | undefined {
  try {
    return describe(args);
  } catch {
    // Headers that are not legal, arguments that are none: `fetch` will say so.
    return undefined;
  }
}

function describe([input, init]: FetchArgs): Outgoing | undefined {
  const request = isRequest(input) ? input : undefined;
  const text = request?.url ?? urlText(input);
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") return undefined;
  const method = String(init?.method ?? request?.method ?? "GET");
  return {
    url,
    method: NORMALIZED.test(method) ? method.toUpperCase() : method,
    headers: new Headers(init?.headers ?? request?.headers),
  };
}

function urlText(input: FetchArgs[0]): string | undefined {
  if (typeof input === "string") return input;
  return input instanceof URL ? input.href : undefined;
}

function isRequest(input: unknown): input is Request {
  return typeof input === "object" && input !== null && "url" in input && "headers" in input;
}

/**
 * Whether a request carries telemetry, whoever sends it: tracing it would make another export, and so on. OTLP asks
 * exporters to name themselves (`protocol/exporter.md`, User Agent).
 */
export function isOtlpExport({ url, headers }: Outgoing): boolean {
  return /\/v1\/(?:traces|metrics|logs|profiles)$/.test(url.pathname) && /otlp/i.test(headers.get("user-agent") ?? "");
}

/** The context of a request's span as headers. What is active when it is asked for belongs to it. */
export type ContextFields = Readonly<Record<string, string>>;

/** Says where a request comes from. */
export function contextFields(span: Span): ContextFields {
  const fields: Record<string, string> = {};
  injectHeaders(fields, contentFor(span));
  return fields;
}

/** Adds context to headers, which are copies of the program's, and returns them. */
export function withContext(fields: ContextFields, headers: Headers): Headers {
  if (fields["traceparent"] !== undefined) {
    // A server that passes on all headers of its own caller would name that as the parent.
    headers.delete("tracestate");
    headers.set("traceparent", fields["traceparent"]);
  }
  for (const [name, value] of Object.entries(fields)) if (!headers.has(name)) headers.set(name, value);
  return headers;
}

/** The signal that a request is aborted by. */
export function signalOf([input, init]: FetchArgs): AbortSignal | null | undefined {
  return init?.signal ?? (isRequest(input) ? input.signal : undefined);
}
