/**
 * Jaeger's own configuration: HTTP only, and no batching, so that what was acknowledged is stored and can be read at once.
 * https://www.jaegertracing.io/docs/2.0/configuration/
 */

/** Where spans are kept: gone with the process, or in files that the next process finds. */
export type JaegerStorage = "memory" | "badger";

/** The ports it listens on. */
export interface JaegerPorts {
  readonly otlp: number;
  readonly query: number;
  readonly queryGrpc: number;
  readonly metrics: number;
}

/** The file to start it with. With Badger, its data is in `folder`. */
export function configuration(storage: JaegerStorage, ports: JaegerPorts, folder: string): string {
  return `service:
  extensions: [jaeger_storage, jaeger_query]
  pipelines:
    traces: { receivers: [otlp], exporters: [jaeger_storage_exporter] }
  telemetry:
    metrics:
      level: basic
      readers: [{ pull: { exporter: { prometheus: { host: "127.0.0.1", port: ${ports.metrics} } } } }]
    logs: { level: warn }
extensions:
  jaeger_query:
    storage: { traces: store }
    http: { endpoint: "127.0.0.1:${ports.query}" }
    grpc: { endpoint: "127.0.0.1:${ports.queryGrpc}" }
  jaeger_storage: { backends: { store: ${backend(storage, folder)} } }
receivers:
  otlp: { protocols: { http: { endpoint: "127.0.0.1:${ports.otlp}" } } }
exporters:
  jaeger_storage_exporter: { trace_storage: store }
`;
}

function backend(storage: JaegerStorage, folder: string): string {
  if (storage === "memory") return "{ memory: { max_traces: 10000 } }";
  const directories = `{ keys: "${folder}/keys", values: "${folder}/values" }`;
  return `{ badger: { directories: ${directories}, ephemeral: false, ttl: { spans: 48h } } }`;
}
