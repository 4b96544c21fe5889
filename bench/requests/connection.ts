/**
 * A keep-alive connection to a server of `node:http`, without a network: Node's own parser and response, and nothing of the
 * kernel's, whose time would hide what is measured.
 */
import type { Server } from "node:http";
import { Duplex } from "node:stream";

/** A client that sends the same request again and again, one after the other. */
export class Connection extends Duplex {
  readonly #request: Buffer;
  #answered: () => void = () => undefined;

  constructor(server: Server, path: string, headers: Readonly<Record<string, string>>) {
    super();
    const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    this.#request = Buffer.from([`GET ${path} HTTP/1.1`, ...fields, "", ""].join("\r\n"));
    server.emit("connection", this);
  }

  /** Sends the request, and waits for its answer, which must be written in one piece. */
  ask(): Promise<void> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.push(this.#request);
    });
  }

  override _read(): void {
    // Whatever is asked is pushed.
  }

  override _write(_chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    done();
    this.#answered();
  }
}
