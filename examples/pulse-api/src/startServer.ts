/** The API on a port of loopback. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pulseApi } from "./api.js";
import { customersByKey } from "./authenticate.js";
import type { Services } from "./endpoints/endpoint.js";
import type { Tracing } from "./tracing.js";

/** The key that demo and load scripts send. A real service reads its keys from where it keeps secrets. */
export const DEMO_KEY = "demo-key-of-pulse-api";

/** A server that listens. */
export interface RunningServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

export async function startServer(services: Services, tracing: Tracing, port = 0): Promise<RunningServer> {
  const server = createServer(tracing.server(pulseApi(services, customersByKey({ [DEMO_KEY]: "demo" }))));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${actual}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
