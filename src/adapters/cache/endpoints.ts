/**
 * `server.address` of clients that know several servers: what they were configured with, which stays the same whichever node
 * answers (semantic conventions, `docs/db/database-spans.md`, "Database server address").
 */

/** A server that a client was told of. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** A server address as telemetry has it. Empty where it cannot be told. */
export interface ServerAddress {
  readonly address?: string;
  /** Undefined where it is the default, or part of the address. */
  readonly port?: number;
}

const DEFAULT_PORT = 6379;
const DEFAULT_SENTINEL_PORT = 26379;

/** One server; a path is that of a socket. */
export function singleAddress(host: string | undefined, port: unknown): ServerAddress {
  if (host === undefined) return {};
  return typeof port === "number" && port !== DEFAULT_PORT ? { address: host, port } : { address: host };
}

/** The nodes that a cluster is found by. */
export function clusterAddress(given: unknown): ServerAddress {
  const endpoints = endpointsOf(given, DEFAULT_PORT);
  if (endpoints === undefined) return {};
  const ports = new Set(endpoints.map(({ port }) => port));
  if (ports.size === 1) return singleAddress(listed(endpoints.map(({ host }) => host)), endpoints[0]?.port);
  return { address: listed(endpoints.map(withPort)) };
}

/** The sentinels that a server is found by, and the name it has there. */
export function sentinelAddress(given: unknown, name: unknown): ServerAddress {
  const endpoints = endpointsOf(given, DEFAULT_SENTINEL_PORT);
  if (endpoints === undefined) return {};
  const sentinels = listed(endpoints.map(withPort));
  return { address: typeof name === "string" && !name.includes("/") ? `${sentinels}/${name}` : sentinels };
}

/** In an order of its own: which one is tried first means nothing. */
function listed(names: readonly string[]): string {
  return [...new Set(names)].sort().join(",");
}

function withPort({ host, port }: Endpoint): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** All of them, or undefined if one cannot be read: half a list would be a wrong address. */
function endpointsOf(given: unknown, defaultPort: number): readonly Endpoint[] | undefined {
  if (!Array.isArray(given) || given.length === 0) return undefined;
  const endpoints = given.map((one) => endpointOf(one, defaultPort));
  return endpoints.every((endpoint) => endpoint !== undefined) ? endpoints : undefined;
}

/** A server as clients are told of it: options, a URL, `host:port`, or a port of this machine. */
function endpointOf(given: unknown, defaultPort: number): Endpoint | undefined {
  if (typeof given === "number") return { host: "127.0.0.1", port: given };
  if (typeof given === "string") return endpointOfText(given, defaultPort);
  if (typeof given !== "object" || given === null) return undefined;
  const { url, socket, host, port } = given as Readonly<Record<string, unknown>>;
  if (typeof url === "string") return endpointOfText(url, defaultPort);
  if (typeof socket === "object" && socket !== null && !("path" in socket)) return endpointOf(socket, defaultPort);
  if (socket !== undefined || (host !== undefined && typeof host !== "string")) return undefined;
  if (host === undefined && port === undefined) return undefined;
  return { host: host ?? "127.0.0.1", port: portOf(port, defaultPort) };
}

function portOf(given: unknown, defaultPort: number): number {
  const port = typeof given === "string" && given !== "" ? Number(given) : given;
  return typeof port === "number" && Number.isInteger(port) ? port : defaultPort;
}

/** Of a URL only host and port: it may hold a password. */
function endpointOfText(text: string, defaultPort: number): Endpoint | undefined {
  if (/^\d{1,5}$/.test(text)) return { host: "127.0.0.1", port: Number(text) };
  try {
    const { hostname, port } = new URL(/^[a-z]+:\/\//i.test(text) ? text : `redis://${text}`);
    return hostname === "" ? undefined : { host: hostname.replace(/^\[|\]$/g, ""), port: portOf(port, defaultPort) };
  } catch {
    return undefined;
  }
}
