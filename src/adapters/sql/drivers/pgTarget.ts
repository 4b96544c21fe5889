/** Where node-postgres sends to, as far as a client or a pool says. */
import type { SqlTarget } from "./sqlClient.js";

const DEFAULT_PORT = 5432;

/** Members of a client, or of the options of a pool. */
export interface PgAddress {
  readonly host?: unknown;
  readonly port?: unknown;
  readonly database?: unknown;
  readonly connectionString?: unknown;
}

/** The target of a client, or of options. Where both are given, a connection string wins, as in node-postgres. */
export function pgTarget(given: PgAddress): SqlTarget {
  const { host, port, database } = { ...pick(given), ...fromString(given.connectionString) };
  const isSocket = typeof host === "string" && host.startsWith("/");
  const number = Number(port);
  return {
    namespace: text(database),
    address: text(host),
    port: isSocket || !Number.isInteger(number) || number <= 0 || number === DEFAULT_PORT ? undefined : number,
  };
}

function pick({ host, port, database }: PgAddress): PgAddress {
  return { host, port, database };
}

function fromString(connectionString: unknown): PgAddress {
  if (typeof connectionString !== "string") return {};
  try {
    const { hostname, port, pathname } = new URL(connectionString);
    return {
      ...(hostname === "" ? {} : { host: hostname.replace(/^\[(.*)\]$/, "$1") }),
      ...(port === "" ? {} : { port }),
      ...(pathname.length < 2 ? {} : { database: decodeURIComponent(pathname.slice(1)) }),
    };
  } catch {
    return {};
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
