/** Where the spans of the demo go: a receiver on loopback, or the endpoint of the user. */
import type { SpanRecord } from "../../../src/core/types.js";
import { startOtlpReceiver } from "../../../src/testing/otlpReceiver.js";
import type { Variables } from "./environment.js";

export interface SpanTarget {
  /** What the app needs to be told to send there. */
  readonly variables: Variables;
  readonly isRemote: boolean;
  /** What has arrived so far. Always empty if it is remote. */
  received(): readonly SpanRecord[];
  /** Requests that have arrived so far. Undefined if it is remote. */
  requests(): number | undefined;
  close(): Promise<void>;
}

/** How long an endpoint may take to answer before the demo starts, in milliseconds. */
const PROBE_TIMEOUT_MS = 5_000;

/**
 * Opens the target. Headers for a remote one are taken from `OTEL_EXPORTER_OTLP_HEADERS`, as they would be anyway.
 *
 * @throws Error if nothing answers at the endpoint.
 */
export async function openSpanTarget(endpoint: string | undefined): Promise<SpanTarget> {
  return endpoint === undefined ? await openReceiver() : await openEndpoint(endpoint);
}

async function openEndpoint(endpoint: string): Promise<SpanTarget> {
  // Any answer will do, also a refusal. Without one the app would only learn about it after many retries.
  await fetch(endpoint, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) }).catch((cause: unknown) => {
    throw new Error(`Nothing answers at OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint}`, { cause });
  });
  return {
    variables: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
    isRemote: true,
    received: () => [],
    requests: () => undefined,
    close: () => Promise.resolve(),
  };
}

async function openReceiver(): Promise<SpanTarget> {
  const receiver = await startOtlpReceiver();
  return {
    // A more specific variable of the user's shell would win over ours.
    variables: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: undefined },
    isRemote: false,
    received: () => receiver.spans,
    requests: () => receiver.requests.length,
    close: () => receiver.close(),
  };
}
