/**
 * Which host and scheme a client asked for. Behind a proxy only the proxy knows, and says so in headers; anyone can send
 * those, so they describe a request and decide nothing.
 */
import type { ReadHeader } from "./headerAttributes.js";

/** What the connection itself tells. */
export interface Connection {
  readonly scheme: string;
  /** Host, and port unless it is that of the scheme. */
  readonly host: string | undefined;
}

/** A name or an address, and a port. Longer than a DNS name, or of other characters, it is no host. */
const HOST = /^(\[[\da-f:.]{2,45}\]|[\w.-]{1,253})(?::(\d{1,5}))?$/i;

/** `url.scheme`, `server.address` and `server.port`. */
export interface Server {
  readonly scheme: string;
  readonly address: string | undefined;
  /** Absent where it is that of the scheme. */
  readonly port: number | undefined;
}

/**
 * The server, in the order of the semantic conventions: `Forwarded`, then `X-Forwarded-*`, then the request itself. Of several
 * proxies the first one counts, which the client has talked to.
 */
export function serverOf(connection: Connection, header: ReadHeader): Server {
  const forwarded = first(header("forwarded"));
  const proto = parameter(forwarded, "proto") ?? first(header("x-forwarded-proto"));
  const scheme = proto !== undefined && /^https?$/i.test(proto) ? proto.toLowerCase() : connection.scheme;
  const match =
    hostIn(parameter(forwarded, "host")) ?? hostIn(first(header("x-forwarded-host"))) ?? hostIn(connection.host);
  const [, address, port] = match ?? [];
  return {
    scheme,
    address: address?.startsWith("[") === true ? address.slice(1, -1) : address,
    port: port === undefined || port === (scheme === "https" ? "443" : "80") ? undefined : Number(port),
  };
}

function hostIn(text: string | undefined): RegExpExecArray | undefined {
  return text === undefined ? undefined : (HOST.exec(text) ?? undefined);
}

/** The first of a list that proxies append to. */
function first(value: string | readonly string[] | null | undefined): string | undefined {
  if (value == null) return undefined;
  const text = typeof value === "string" ? value : value[0];
  return text?.split(",", 1)[0]?.trim();
}

/** A parameter of one element of `Forwarded` (RFC 7239): `for=192.0.2.60;proto=http;host="example.com"`. */
function parameter(element: string | undefined, name: string): string | undefined {
  if (element === undefined) return undefined;
  for (const pair of element.split(";")) {
    const [key = "", value] = pair.split("=");
    if (key.trim().toLowerCase() === name) return value?.trim().replace(/^"|"$/g, "");
  }
  return undefined;
}
