/**
 * Which host and scheme a client asked for. Behind a proxy only the proxy knows, and says so in headers; anyone can send
 * those, so they describe a request and decide nothing.
 */
import type { Attributes } from "../../core/types.js";
import { SERVER_ADDRESS, SERVER_PORT, URL_SCHEME } from "../../semconv/attributes.js";
import type { ReadHeader } from "./headerAttributes.js";

/** What the connection itself tells. */
export interface Connection {
  readonly scheme: string;
  /** Host, and port unless it is that of the scheme. */
  readonly host: string | undefined;
}

/** A name or an address, and a port. Longer than a DNS name, or of other characters, it is no host. */
const HOST = /^(\[[\da-f:.]{2,45}\]|[\w.-]{1,253})(?::(\d{1,5}))?$/i;

/**
 * `url.scheme`, `server.address` and `server.port`, in the order of the semantic conventions: `Forwarded`, then
 * `X-Forwarded-*`, then the request itself. Of several proxies the first one counts, which the client has talked to.
 */
export function serverAttributes(connection: Connection, header: ReadHeader): Attributes {
  const forwarded = first(header("forwarded"));
  const proto = parameter(forwarded, "proto") ?? first(header("x-forwarded-proto"));
  const scheme = proto !== undefined && /^https?$/i.test(proto) ? proto.toLowerCase() : connection.scheme;
  const hosts = [parameter(forwarded, "host"), first(header("x-forwarded-host")), connection.host];
  const [, address, port] = hosts.map((host) => HOST.exec(host ?? "")).find((match) => match !== null) ?? [];
  return {
    [URL_SCHEME]: scheme,
    [SERVER_ADDRESS]: address?.replace(/^\[|\]$/g, ""),
    [SERVER_PORT]: port === undefined || port === (scheme === "https" ? "443" : "80") ? undefined : Number(port),
  };
}

/** The first of a list that proxies append to. */
function first(value: string | readonly string[] | null | undefined): string | undefined {
  const text = typeof value === "string" ? value : value?.[0];
  return text?.split(",", 1)[0]?.trim();
}

/** A parameter of one element of `Forwarded` (RFC 7239): `for=192.0.2.60;proto=http;host="example.com"`. */
function parameter(element: string | undefined, name: string): string | undefined {
  for (const pair of element?.split(";") ?? []) {
    const [key = "", value] = pair.split("=");
    if (key.trim().toLowerCase() === name) return value?.trim().replace(/^"|"$/g, "");
  }
  return undefined;
}
