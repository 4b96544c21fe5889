/**
 * The record the OTLP receiver keeps of a request.
 */
import type { DecodedSpan } from "./decodeOtlp.js";

/** A request the receiver got. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /**
   * By lower-case name; repeated ones joined with a comma. Nothing is masked, keys and tokens neither: what an exporter
   * sends there is what tests look at.
   */
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of the body as they came over the wire, compressed or not. */
  readonly bytes: number;
  /** The body, decompressed; of a protobuf request, the JSON that says the same. `""` if it could not be read. */
  readonly body: string;
  /** The spans in the body; none if the request was refused. */
  readonly spans: readonly DecodedSpan[];
  /** Why the receiver refused the request by itself. */
  readonly problem: string | undefined;
  /** The status that was answered; undefined while there is none, or if the connection broke. */
  readonly status: number | undefined;
}
