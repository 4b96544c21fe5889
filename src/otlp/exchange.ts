/**
 * A request and its answer, as the transport sees them. What is between is either `fetch`, which every runtime has
 * (./fetchExchange.ts), or the HTTP client of a server, which takes less.
 */
import type { Deadline } from "./deadline.js";
import type { HeaderMap } from "./headers.js";

/** Answers may be this large (OTLP specification, "OTLP/HTTP Response"); what is longer is not read. */
export const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** A POST. */
export interface HttpRequest {
  readonly url: string;
  /** By lower-case name, without the length. */
  readonly headers: HeaderMap;
  readonly body: string | Uint8Array | ArrayBuffer;
}

/** What came back. */
export interface HttpAnswer {
  readonly status: number;
  /** Whether it says to ask elsewhere. No redirect is followed. */
  readonly isRedirect: boolean;
  /** The value of a header, by its lower-case name. */
  header(name: string): string | null;
  /** The body; undefined where it is too long, breaks off or comes too late: the status still counts. */
  readonly bytes: Uint8Array | undefined;
}

/**
 * Sends a request and reads the answer. Rejects where there is none.
 *
 * @returns `"late"` if no answer has begun at the deadline; `"invalid header"` if nothing was sent, since a header may not be
 */
export type Exchange = (request: HttpRequest, deadline: Deadline) => Promise<HttpAnswer | "late" | "invalid header">;

/** Whether a status is a redirect. */
export function isRedirection(status: number): boolean {
  return status >= 300 && status < 400;
}

/** Chunks of so many bytes as one. */
export function joined(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
