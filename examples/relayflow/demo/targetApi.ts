/** The external API that tasks call: an HTTP server on loopback that answers as the scenario says. */
import { createServer, type IncomingMessage } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/** What the target got. */
export interface TargetCall {
  readonly handler: string;
  readonly status: number;
  readonly idempotencyKey: string | undefined;
  readonly body: unknown;
}

/** Status codes by handler, in the order of the calls; the last one stays. Handlers that are not named get 200. */
export type TargetScript = Readonly<Record<string, readonly number[]>>;

export interface TargetApi {
  readonly url: string;
  readonly calls: readonly TargetCall[];
  close(): Promise<void>;
}

/** Starts the target on a free port. */
export async function startTargetApi(script: TargetScript, onCall: (call: TargetCall) => void): Promise<TargetApi> {
  const calls: TargetCall[] = [];
  const server = createServer((request, response) => {
    void readCall(request, script, calls).then((call) => {
      calls.push(call);
      onCall(call);
      response.writeHead(call.status, { "content-type": "application/json" }).end("{}");
    });
  });
  // Port 0: any that is free.
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    async close() {
      // Kept-alive connections would hold the server open.
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function readCall(
  request: IncomingMessage,
  script: TargetScript,
  earlier: readonly TargetCall[],
): Promise<TargetCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const handler = (request.url ?? "/").slice(1);
  const statuses = script[handler] ?? [200];
  const count = earlier.filter((call) => call.handler === handler).length;
  const key = request.headers["idempotency-key"];
  return {
    handler,
    status: statuses[Math.min(count, statuses.length - 1)] ?? 200,
    idempotencyKey: typeof key === "string" ? key : undefined,
    body: JSON.parse(Buffer.concat(chunks).toString()) as unknown,
  };
}
