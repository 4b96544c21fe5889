/**
 * Grafana Cloud, through its OTLP gateway. Its own pages name protobuf; that it takes OTLP/JSON for traces is documented
 * by OpenRouter, which sends it. Sources: https://grafana.com/docs/grafana-cloud/send-data/otlp/,
 * https://openrouter.ai/docs/guides/features/broadcast/otel-collector
 */
import type { Exporter } from "../../core/ports.js";
import { basic } from "../authorization.js";
import { createExporter } from "../exporter.js";
import type { ExporterOptions } from "../exporterOptions.js";
import type { PresetDefinition } from "../presetDefinition.js";

/** Options of {@link grafana}. */
export interface GrafanaOptions extends ExporterOptions {
  /** Number of the stack. @defaultValue `GRAFANA_CLOUD_INSTANCE_ID` */
  readonly instanceId?: string;
  /** Access policy token. @defaultValue `GRAFANA_CLOUD_API_KEY` */
  readonly token?: string;
  /** Zone of the stack, such as `prod-eu-west-2`. @defaultValue `GRAFANA_CLOUD_ZONE` */
  readonly zone?: string;
}

/**
 * Sends to Grafana Cloud. Configured when there are an instance id, a token and a zone; the OpenTelemetry card of the
 * stack shows all three.
 *
 * @throws TypeError for options that cannot work
 *
 * @example
 * ```ts
 * import { grafana } from "convex-otel/otlp";
 *
 * export const exporter = grafana({ instanceId: "123456", zone: "prod-eu-west-2" });
 * ```
 */
export function grafana(options: GrafanaOptions = {}): Exporter {
  if (typeof options.zone === "string" && !isZone(options.zone)) {
    throw new TypeError('grafana(): zone must be the name of a zone, such as "prod-eu-west-2"');
  }
  return createExporter(grafanaPreset(), options);
}

/** @internal Its keys, and where they go. */
export function grafanaPreset(): PresetDefinition<"instanceId" | "token" | "zone"> {
  return {
    name: "grafana",
    credentials: {
      instanceId: { env: "GRAFANA_CLOUD_INSTANCE_ID", required: true },
      token: { env: "GRAFANA_CLOUD_API_KEY", required: true },
      zone: { env: "GRAFANA_CLOUD_ZONE", required: false },
    },
    url: ({ zone }) => (isZone(zone) ? `https://otlp-gateway-${zone}.grafana.net/otlp/v1/traces` : undefined),
    headers: ({ instanceId, token }) => ({ authorization: basic(instanceId, token) }),
  };
}

/** The zone becomes part of a host name: anything else in it could lead the token to another host. */
function isZone(zone: string | undefined): zone is string {
  return zone !== undefined && /^[a-z0-9-]{1,63}$/.test(zone);
}
