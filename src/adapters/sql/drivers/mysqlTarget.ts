/** Where mysql2 sends to, and what answers there. */
import type { Members } from "../../../core/patchMethod.js";
import type { SqlTarget } from "./sqlClient.js";

const DEFAULT_PORT = 3306;

/** The target by the configuration of a connection. */
export function mysqlTarget({ host, port, socketPath, database }: Members): SqlTarget {
  const isSocket = typeof socketPath === "string" && socketPath !== "";
  return {
    namespace: text(database),
    address: isSocket ? socketPath : text(host),
    port: isSocket || typeof port !== "number" || port === DEFAULT_PORT ? undefined : port,
  };
}

/** The system by what the server said when it was connected to; undefined before. */
export function mysqlSystem(connection: object): "mysql" | "mariadb" | undefined {
  const { _handshakePacket: handshake } = connection as { readonly _handshakePacket?: Members | null };
  const version = handshake?.["serverVersion"];
  if (typeof version !== "string") return undefined;
  return /mariadb/i.test(version) ? "mariadb" : "mysql";
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
