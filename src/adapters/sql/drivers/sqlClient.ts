/** What is known of a client, a pool or a database whose statements are recorded. */
import type { Attributes } from "../../../core/types.js";
import { DB_NAMESPACE, DB_SYSTEM_NAME, SERVER_ADDRESS, SERVER_PORT } from "../../../semconv/attributes.js";
import type { SqlDialect } from "../dialects.js";
import { type SqlFingerprinter, sqlFingerprinter } from "../sqlFingerprinter.js";
import type { SlowPlans } from "../plans/slowPlans.js";
import type { SqlConfig } from "./options.js";
import { protectMessages } from "./sqlMessages.js";

/** Where statements go. */
export interface SqlTarget {
  readonly namespace?: string | undefined;
  readonly address?: string | undefined;
  /** Undefined for the port that is the system's own. */
  readonly port?: number | undefined;
}

/** A client that is instrumented. */
export interface SqlClient extends SqlConfig {
  readonly system: SqlDialect;
  readonly fingerprint: SqlFingerprinter;
  /** Pools may not know it before their first connection. */
  target: SqlTarget;
  /** Takes the plans of slow statements, where that is wanted. */
  readonly plans: SlowPlans | undefined;
}

/** What is known of a client besides what it is told. */
export interface SqlClientParts {
  readonly target?: SqlTarget;
  readonly plans?: SlowPlans | undefined;
}

/** A client of a system. */
export function sqlClient(
  config: SqlConfig,
  system: SqlDialect,
  { target = {}, plans }: SqlClientParts = {},
): SqlClient {
  protectMessages();
  return { ...config, system, fingerprint: sqlFingerprinter({ dialect: system }), target, plans };
}

/** Attributes of all that is sent to it. */
export function targetAttributes({ system, target }: SqlClient): Attributes {
  return {
    [DB_SYSTEM_NAME]: system,
    [DB_NAMESPACE]: target.namespace,
    [SERVER_ADDRESS]: target.address,
    [SERVER_PORT]: target.port,
  };
}
