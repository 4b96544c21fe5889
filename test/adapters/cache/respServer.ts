/**
 * The few commands of Redis that the tests need, over real sockets: for machines without a Redis server. The same tests run
 * against a real one in test/e2e.
 */
import { createServer, type Socket } from "node:net";

/** A server that listens on loopback. */
export interface RespServer {
  readonly port: number;
  stop(): Promise<void>;
}

type Reply = string;

/** State of one connection. */
interface Connection {
  protocol: 2 | 3;
  queued: string[][] | undefined;
}

const OK: Reply = "+OK\r\n";

/** Starts a server with an empty database. */
export async function startRespServer(): Promise<RespServer> {
  const data = new Map<string, string | Map<string, string>>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    const connection: Connection = { protocol: 2, queued: undefined };
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      for (let read = readCommand(text); read !== undefined; read = readCommand(text)) {
        text = text.slice(read.length);
        socket.write(answer(read.words, connection, data), "latin1");
      }
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("a listening server has no port");
  return {
    port: address.port,
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

/** An array of bulk strings, if it has arrived as a whole. */
function readCommand(text: string): { readonly words: string[]; readonly length: number } | undefined {
  const head = /^\*(\d+)\r\n/.exec(text);
  if (head === null) return undefined;
  let at = head[0].length;
  const words: string[] = [];
  while (words.length < Number(head[1])) {
    const size = /^\$(\d+)\r\n/.exec(text.slice(at));
    if (size === null) return undefined;
    const start = at + size[0].length;
    const end = start + Number(size[1]);
    if (text.length < end + 2) return undefined;
    words.push(text.slice(start, end));
    at = end + 2;
  }
  return { words, length: at };
}

function answer(words: string[], connection: Connection, data: Map<string, string | Map<string, string>>): Reply {
  const name = (words[0] ?? "").toUpperCase();
  if (name === "MULTI") {
    connection.queued = [];
    return OK;
  }
  if (name === "EXEC") {
    const queued = connection.queued ?? [];
    connection.queued = undefined;
    return `*${queued.length}\r\n${queued.map((command) => run(command, connection, data)).join("")}`;
  }
  if (connection.queued !== undefined) {
    connection.queued.push(words);
    return "+QUEUED\r\n";
  }
  return run(words, connection, data);
}

function run(words: string[], connection: Connection, data: Map<string, string | Map<string, string>>): Reply {
  const [name = "", key = "", ...rest] = words;
  const value = data.get(key);
  const bulk = (text: unknown): Reply => {
    if (typeof text !== "string") return connection.protocol === 3 ? "_\r\n" : "$-1\r\n";
    return `$${text.length}\r\n${text}\r\n`;
  };
  switch (name.toUpperCase()) {
    case "HELLO":
      connection.protocol = key === "3" ? 3 : 2;
      return `${connection.protocol === 3 ? "%1" : "*2"}\r\n${bulk("server")}${bulk("redis")}`;
    case "INFO":
      return bulk("redis_version:7.0.15\r\nloading:0\r\n");
    case "CLIENT":
    case "SELECT":
      return OK;
    case "GET":
      return value instanceof Map ? wrongType : bulk(value);
    case "SET":
      data.set(key, rest[0] ?? "");
      return OK;
    case "MGET":
      return `*${words.length - 1}\r\n${words
        .slice(1)
        .map((word) => bulk(data.get(word)))
        .join("")}`;
    case "DEL":
      return `:${data.delete(key) ? 1 : 0}\r\n`;
    case "HSET":
      data.set(key, new Map([[rest[0] ?? "", rest[1] ?? ""]]));
      return ":1\r\n";
    case "HGETALL": {
      const fields = value instanceof Map ? [...value] : [];
      const head = connection.protocol === 3 ? `%${fields.length}` : `*${fields.length * 2}`;
      return `${head}\r\n${fields.flat().map(bulk).join("")}`;
    }
    default:
      return `-ERR unknown command '${name}', with args beginning with: ${words
        .slice(1)
        .map((word) => `'${word}' `)
        .join("")}\r\n`;
  }
}

const wrongType: Reply = "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n";
