/**
 * Plans of Postgres for a client of node-postgres that is in no pool: on a connection that is opened for each of them with the
 * same parameters, and closed after it. The client itself is never asked: it may be in a transaction, which a failing `EXPLAIN`
 * would end.
 */
import { suppressTracing } from "../../../core/api.js";
import type { Members } from "../../../core/patchMethod.js";
import { explainOn, type PgConnection } from "./pgPoolPlans.js";
import { postgresPlan } from "./postgresPlan.js";
import type { PlanSource } from "./slowPlans.js";

/** The part of a client that is used. */
interface PgClientState {
  readonly connectionParameters?: Members;
  readonly password?: unknown;
  readonly enableChannelBinding?: unknown;
  readonly connection?: { readonly stream?: Socket };
  readonly port?: unknown;
  readonly _ending?: unknown;
}

interface Socket {
  readonly remotePort?: unknown;
  once?(event: "connect", listener: () => void): unknown;
  unref?(): void;
}

interface PgLoneClient extends PgConnection {
  readonly connection?: { readonly stream?: Socket; on(event: "sslconnect", listener: () => void): unknown };
  connect(): Promise<unknown>;
  end(): Promise<void>;
  on(event: "error", listener: () => void): unknown;
}

/** Milliseconds that connecting may take: as long as that may a process that ends be held up by an address that is silent. */
const CONNECT_TIMEOUT_MS = 2000;

/** Plans for a client. */
export function pgClientPlans(client: object): PlanSource {
  const state = client as PgClientState;
  // When it connects, a client forgets a function that gives passwords, and keeps what it gave, which may be too old soon.
  const { password } = state;
  return {
    format: postgresPlan,
    isFree: () => state._ending !== true && isItsOwnAddress(state),
    explain: (sql, values) => {
      const given = typeof password === "function" ? password : state.password;
      return suppressTracing(() => explainOnAnother(state, given, sql, values));
    },
  };
}

async function explainOnAnother(
  state: PgClientState,
  password: unknown,
  sql: string,
  values: unknown,
): Promise<unknown> {
  const another = anotherClient(state, password);
  try {
    await another.connect();
    return await explainOn(another, sql, values);
  } finally {
    // Whoever waits for the plan need not wait for the server to hang up. An open transaction ends with its connection.
    another.end().catch(() => undefined);
  }
}

/**
 * Whether the parameters of a client say where it is connected to. Where a program made its socket itself (option `stream`), as
 * connectors of clouds and tunnels do, they do not, and a client forgets who made it.
 */
function isItsOwnAddress({ connectionParameters, connection, port }: PgClientState): boolean {
  if (connectionParameters === undefined || connection?.stream === undefined) return false;
  const { remotePort } = connection.stream;
  return connectionParameters["isDomainSocket"] === true ? remotePort === undefined : remotePort === port;
}

/** A client with the same parameters. Keeps no process alive. */
function anotherClient(state: PgClientState, password: unknown): PgLoneClient {
  const Client = state.constructor as new (config: object) => PgLoneClient;
  const another = new Client({
    ...state.connectionParameters,
    password,
    enableChannelBinding: state.enableChannelBinding,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  another.on("error", () => undefined);
  const unref = (): void => another.connection?.stream?.unref?.();
  another.connection?.stream?.once?.("connect", unref);
  another.connection?.on("sslconnect", unref);
  return another;
}
