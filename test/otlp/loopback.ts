/** A real HTTP server on loopback for the tests of the transport. */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { gunzipSync } from "node:zlib";

export interface Received {
  readonly method: string | undefined;
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** After decompression. */
  readonly body: string;
}

export type Answer = (response: ServerResponse, request: Received, socket: IncomingMessage["socket"]) => void;

export interface Loopback {
  readonly url: string;
  readonly host: string;
  readonly received: readonly Received[];
  answer(answer: Answer): void;
  close(): Promise<void>;
}

/** Answers with a status and, if given, headers and a JSON body. */
export function reply(status: number, body?: unknown, headers: Record<string, string> = {}): Answer {
  return (response) => {
    response.writeHead(status, headers);
    response.end(body === undefined ? undefined : JSON.stringify(body));
  };
}

export async function startLoopback(): Promise<Loopback> {
  const received: Received[] = [];
  let current: Answer = reply(200);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const raw = Buffer.concat(chunks);
      const packed = request.headers["content-encoding"] === "gzip";
      const { method, url: path, headers } = request;
      received.push({ method, path, headers, body: (packed ? gunzipSync(raw) : raw).toString("utf8") });
      current(response, received.at(-1) as Received, request.socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const host = `127.0.0.1:${address.port}`;
  return {
    url: `http://${host}/v1/traces`,
    host,
    received,
    answer: (answer) => {
      current = answer;
      received.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
