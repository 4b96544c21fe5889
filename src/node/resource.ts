/** The resource: which service, in which process, made the spans. */
import { newUuid } from "../core/ids.js";
import type { TracingOptions } from "../core/options.js";
import type { Diagnostics, Env } from "../core/ports.js";
import type { Attributes, Resource } from "../core/types.js";
import { resourceFromEnv } from "../otlp/resourceFromEnv.js";
import { SERVICE_NAME, SERVICE_NAMESPACE, SERVICE_VERSION } from "../semconv/attributes.js";
import { SCOPE_NAME, VERSION } from "../semconv/version.js";
import { random } from "./random.js";

/** Stable in the conventions for resources; only a process has them, so they are not with the names of spans. */
const SERVICE_INSTANCE_ID = "service.instance.id";
const TELEMETRY_SDK_NAME = "telemetry.sdk.name";
const TELEMETRY_SDK_VERSION = "telemetry.sdk.version";
const TELEMETRY_SDK_LANGUAGE = "telemetry.sdk.language";
const TELEMETRY_DISTRO_NAME = "telemetry.distro.name";
const TELEMETRY_DISTRO_VERSION = "telemetry.distro.version";

/** Attributes in order of precedence, weakest first: defaults, the environment, code. */
export function nodeResource(options: TracingOptions, env: Env, report: Diagnostics): Resource {
  const { service = {}, resource = {} } = options;
  const attributes: Attributes = {
    // As specified: an SDK that is not the one of OpenTelemetry says its own name.
    [TELEMETRY_SDK_NAME]: SCOPE_NAME,
    [TELEMETRY_SDK_VERSION]: VERSION,
    [TELEMETRY_SDK_LANGUAGE]: "nodejs",
    [SERVICE_NAME]: "unknown_service:node",
    [SERVICE_INSTANCE_ID]: newUuid(random),
    ...resourceFromEnv(env, report),
    ...resource,
  };
  if (service.name !== undefined) attributes[SERVICE_NAME] = service.name;
  if (service.version !== undefined) attributes[SERVICE_VERSION] = service.version;
  if (service.namespace !== undefined) attributes[SERVICE_NAMESPACE] = service.namespace;
  attributes[TELEMETRY_DISTRO_NAME] = SCOPE_NAME;
  attributes[TELEMETRY_DISTRO_VERSION] = VERSION;
  return { attributes };
}
