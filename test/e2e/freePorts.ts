/** Ports of the loopback interface that nobody listens on at the moment. */
import { createServer, type Server } from "node:net";

/** Finds a free port for each name. All are held until the last one is found, so that they differ. */
export async function freePorts<Name extends string>(...names: readonly Name[]): Promise<Record<Name, number>> {
  const servers = await Promise.all(names.map(listen));
  const ports = names.map((name, index) => [name, portOf(servers[index])] as const);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return Object.fromEntries(ports) as Record<Name, number>;
}

function portOf(server: Server | undefined): number {
  const address = server?.address();
  if (typeof address !== "object" || address === null) throw new Error("a listening server has no port");
  return address.port;
}

function listen(): Promise<Server> {
  const server = createServer();
  return new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(0, "127.0.0.1", () => done(server));
  });
}
