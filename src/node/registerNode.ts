/** Tracing of a server, set up in one call. */
import { trace } from "@opentelemetry/api";
import { readEnv } from "../otlp/envReader.js";
import { checkNodeOptions } from "./checkOptions.js";
import { flushOnExit } from "./exitFlush.js";
import { ExportPipeline } from "./exportPipeline.js";
import { isConfigured, type NodeExporter } from "./nodeExporter.js";
import { nodeTracerProvider } from "./nodeTracer.js";
import { type NodeConfig, type RegisterNodeOptions, resolveNodeOptions } from "./options.js";
import { processEnv } from "./processEnv.js";
import { propagatorFromEnv } from "./propagator.js";
import { foreignProvider, isRegistered, registerContext } from "./registeredApi.js";
import {
  type Adopted,
  currentRegistration,
  type Disabled,
  keepRegistration,
  type NodeRegistration,
} from "./registration.js";
import { nodeResource } from "./resource.js";
import { wayOut } from "./wayOut.js";
import { within } from "./within.js";
import { isWorker, WorkerPipeline } from "./workerPipeline.js";

/**
 * Sets up tracing in a Node.js process: `withSpan` and everything that traces through `@opentelemetry/api` is recorded and
 * sent, and traces go on into Convex and come back from there. Call it once, before other modules take their tracers.
 *
 * Sampling, redaction, limits and propagation are as in Convex functions. A provider that is registered already stays in charge: the result says what then does not apply.
 * Calling it again returns the first result.
 *
 * @returns what was set up, with `forceFlush` and `shutdown`
 * @throws TypeError for options that cannot work
 *
 * @example
 * ```ts
 * import { withSpan } from "convex-otel";
 * import { registerNode } from "convex-otel/node";
 * import { jaeger } from "convex-otel/otlp";
 *
 * registerNode({ service: { name: "pulse-api" }, exporter: jaeger(), sampling: { "GET /health": 0 } });
 * withSpan("warm up", () => JSON.parse("{}") as unknown);
 * ```
 */
export function registerNode(options: RegisterNodeOptions = {}): NodeRegistration {
  checkNodeOptions("registerNode", options);
  const config = resolveNodeOptions(options, processEnv);
  const existing = currentRegistration();
  if (existing !== undefined) {
    const message = "registerNode() was called before in this process; the first call counts. Remove one of them.";
    config.report({ level: "warn", code: "node.registered_twice", message });
    return existing;
  }
  const registration = setUp(config);
  if (registration.mode !== "disabled") keepRegistration(registration);
  return registration;
}

function setUp(config: NodeConfig): NodeRegistration {
  if (readEnv(config.env, "OTEL_SDK_DISABLED")?.toLowerCase() === "true") {
    return disabled("sdk_disabled", registerContext(propagatorFromEnv(config.env, config.report)));
  }
  const { exporter } = config.options;
  if (exporter === undefined || !isConfigured(exporter, config.env)) return disabled("no_exporter");
  return isRegistered("trace") ? adopt(config) : register(config, exporter);
}

function register(config: NodeConfig, exporter: NodeExporter): NodeRegistration {
  const { batch, report, env } = config;
  const resource = nodeResource(config.options, env, report);
  const Pipeline = isWorker() ? WorkerPipeline : ExportPipeline;
  const pipeline = new Pipeline({ wayOut: wayOut(exporter, resource, config), batch, report });
  trace.setGlobalTracerProvider(nodeTracerProvider({ ...config, onEnd: (span) => pipeline.add(span) }));
  const undoContext = registerContext(propagatorFromEnv(env, report));
  const undoExit = flushOnExit({
    signals: config.exitSignals,
    timeoutMs: config.exitTimeoutMs,
    flush: () => pipeline.forceFlush(),
    hasPending: () => pipeline.hasPending,
  });
  return {
    mode: "registered",
    forceFlush: async () => void (await within(pipeline.forceFlush(), batch.timeoutMs)),
    async shutdown() {
      undoExit();
      await within(pipeline.shutdown(), batch.timeoutMs);
      if (currentRegistration() !== this) return;
      keepRegistration(undefined);
      trace.disable();
      undoContext();
    },
  };
}

/** Parts that the provider there decides about, whether or not an option asked for them. */
const FOREIGN_PARTS = ["trace bound", "attributes of type bigint and Uint8Array", "flush on exit"];

function adopt({ options, report }: NodeConfig): Adopted {
  const provider = foreignProvider();
  const given = Object.entries(options).filter(([name, value]) => name !== "diagnostics" && value !== undefined);
  const notApplied = [...given.map(([name]) => name), ...FOREIGN_PARTS];
  const message =
    `A tracer provider is registered already (${provider.name}) and gets all spans; not applied: ${notApplied.join(", ")}. ` +
    "Give it spanProcessor() of convex-otel/node to send spans from there, or call registerNode() first.";
  report({ level: "warn", code: "node.adopted", message });
  return {
    mode: "adopted",
    notApplied,
    forceFlush: () => provider.forceFlush().catch(() => undefined),
    shutdown() {
      keepRegistration(undefined);
      return Promise.resolve();
    },
  };
}

function disabled(reason: Disabled["reason"], undo: () => void = () => undefined): Disabled {
  const done = () => Promise.resolve();
  const shutdown = () => {
    undo();
    return done();
  };
  return { mode: "disabled", reason, forceFlush: done, shutdown };
}
