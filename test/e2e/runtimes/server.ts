/** A server for Bun, Deno and Node.js, whose spans leave over the network. Prints its port, and ends at its first signal. */
import { createServer } from "node:http";
import { registerNode } from "../../../src/node/index.js";
import { otlp } from "../../../src/otlp/index.js";
import { handler } from "./handler.js";

type Serve = (options: object, handler: (request: Request) => Promise<Response>) => unknown;

/** The globals of the runtimes, as far as they are used. */
interface Runtimes {
  readonly Bun?: { serve(options: object): { readonly port: number } };
  readonly Deno?: { serve: Serve };
}

registerNode({ service: { name: "runtime" }, exporter: otlp({ endpoint: process.env["RECEIVER"] ?? "" }) });

const say = (port: number | undefined): void => console.log(`port ${port}`);
const { Bun, Deno } = globalThis as Runtimes;
if (Bun !== undefined) {
  say(Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: handler }).port);
} else if (Deno !== undefined) {
  Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: ({ port }: { port: number }) => say(port) }, handler);
} else {
  const server = createServer((request, response) => {
    const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
    void handler(new Request(`http://127.0.0.1${request.url}`, { headers })).then(async (answer) => {
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
    });
  });
  server.listen(0, "127.0.0.1", () => say(Object(server.address()).port as number));
}
