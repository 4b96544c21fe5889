/** The resource: which service, on which deployment, made the spans of a call. */
import type { Diagnostics, Env } from "../../../core/ports.js";
import type { Attributes, Resource } from "../../../core/types.js";
import { resourceFromEnv } from "../../../otlp/resourceFromEnv.js";
import {
  CLOUD_PROVIDER,
  CLOUD_REGION,
  CONVEX_DEPLOYMENT_CLASS,
  CONVEX_DEPLOYMENT_NAME,
  CONVEX_DEPLOYMENT_REGION,
  SERVICE_NAME,
  TELEMETRY_SDK_LANGUAGE,
  TELEMETRY_SDK_NAME,
  TELEMETRY_SDK_VERSION,
} from "../../../semconv/attributes.js";
import { SCOPE_NAME, VERSION } from "../../../semconv/version.js";
import type { CallMetadata } from "./metadata.js";
import type { InstrumentConvexOptions } from "./options.js";

/** Attributes in order of precedence, weakest first: what the platform says, the environment, code. */
export function convexResource(
  { service = {}, resource = {} }: InstrumentConvexOptions,
  { deployment = {} }: CallMetadata,
  env: Env,
  report: Diagnostics,
): Resource {
  const attributes: Attributes = {
    [SERVICE_NAME]: "unknown_service:convex",
    [CONVEX_DEPLOYMENT_NAME]: deployment.name,
    [CONVEX_DEPLOYMENT_REGION]: deployment.region,
    [CONVEX_DEPLOYMENT_CLASS]: deployment.class,
    ...cloudOf(deployment.region),
    ...resourceFromEnv(env, report),
    ...resource,
  };
  // The option has the names of the conventions: `name`, `version`, `namespace`.
  for (const [name, value] of Object.entries(service)) if (value !== undefined) attributes[`service.${name}`] = value;
  return {
    attributes: {
      ...attributes,
      [TELEMETRY_SDK_NAME]: SCOPE_NAME,
      [TELEMETRY_SDK_VERSION]: VERSION,
      // The specification knows no value for Convex's own runtime; this is the one for JavaScript outside of Node.
      [TELEMETRY_SDK_LANGUAGE]: "webjs",
    },
  };
}

/** Convex names a region `aws-us-east-1`: provider and region in one. Self-hosted deployments have none. */
function cloudOf(region: string | undefined): Attributes {
  const [, provider, name] = region === undefined ? [] : (/^(aws|gcp|azure)-(.+)$/.exec(region) ?? []);
  return provider === undefined || name === undefined ? {} : { [CLOUD_PROVIDER]: provider, [CLOUD_REGION]: name };
}
