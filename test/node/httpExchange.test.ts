/** Export requests on Node's own HTTP client, and certificates. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer, type Server as SecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Diagnostic } from "../../src/core/ports.js";
import { withSpan } from "../../src/index.js";
import { httpExchange } from "../../src/node/httpExchange.js";
import { startDeadline } from "../../src/otlp/deadline.js";
import { type HttpRequest, MAX_ANSWER_BYTES } from "../../src/otlp/exchange.js";
import { otlp } from "../../src/otlp/index.js";
import { setUp } from "./support.js";

/** Made for these tests, and known to everybody: a certificate of 127.0.0.1 that vouches for itself. */
const tls = (file: string) => resolve(import.meta.dirname, "fixtures/tls", file);
const CERTIFICATE = tls("certificate.pem");
const KEY = tls("key.pem");

const open: (Server | SecureServer)[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  }
});

async function listen(server: Server | SecureServer): Promise<string> {
  open.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = async (listener: RequestListener) => `http://${await listen(createServer(listener))}/v1/traces`;

const exchangeWith = (env: Readonly<Record<string, string>> = {}, reports: Diagnostic[] = []) =>
  httpExchange(
    (name) => env[name],
    (diagnostic) => reports.push(diagnostic),
  );

/** Sends one request, with a connection of its own unless `exchange` is given. */
async function send(
  { url, headers = {}, body = "x" }: Partial<HttpRequest> & Pick<HttpRequest, "url">,
  { exchange = exchangeWith(), timeoutMs = 5_000 } = {},
) {
  const deadline = startDeadline(timeoutMs);
  try {
    const answer = await exchange({ url, headers, body }, deadline);
    if (typeof answer === "string") return answer;
    return { ...answer, text: answer.bytes && new TextDecoder().decode(answer.bytes) };
  } finally {
    deadline.clear();
  }
}

describe("a request", () => {
  it("has method, headers, body and its length, and gives back what was answered", async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { authorization, "content-length": length } = request.headers;
        seen.push([request.method, request.url, authorization, length, Buffer.concat(chunks).toString()]);
        response.writeHead(503, { "retry-after": "7", "set-cookie": ["a=1", "b=2"] }).end("busy");
      });
    });
    const body = new TextEncoder().encode("spans");
    const answer = await send({ url, headers: { authorization: "Bearer k" }, body });
    expect(seen).toEqual([["POST", "/v1/traces", "Bearer k", "5", "spans"]]);
    if (typeof answer === "string") expect.fail(answer);
    expect(answer).toMatchObject({ status: 503, isRedirect: false, text: "busy" });
    expect([answer.header("retry-after"), answer.header("x-none")]).toEqual(["7", null]);
  });

  it("may be bytes as an ArrayBuffer: what gzip makes", async () => {
    const lengths: unknown[] = [];
    const url = await serve((request, response) => {
      lengths.push(request.headers["content-length"]);
      request.resume().on("end", () => response.end());
    });
    await send({ url, body: new ArrayBuffer(7) });
    expect(lengths).toEqual(["7"]);
  });

  it.each<[string, (response: Parameters<RequestListener>[1]) => unknown]>([
    ["no content", (response) => response.writeHead(204).end()],
    ["no bytes", (response) => response.writeHead(200, { "content-length": "0" }).end()],
    ["bytes of unknown number, none of which comes", (response) => response.writeHead(202).end()],
  ])("may be answered with %s", async (_what, answer) => {
    const url = await serve((request, response) => void request.resume().on("end", () => answer(response)));
    expect(await send({ url })).toMatchObject({ status: expect.any(Number) as number, text: "" });
  });

  it("uses a connection again", async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      request.resume().on("end", () => response.writeHead(200, { "content-length": "2" }).end("{}"));
    });
    const exchange = exchangeWith();
    for (let round = 0; round < 3; round++) {
      await send({ url }, { exchange });
      // The connection is given back after the answer has been read.
      await new Promise((later) => setImmediate(later));
    }
    expect(ports.size).toBe(1);
  });

  it("is not led elsewhere", async () => {
    const url = await serve((_request, response) => response.writeHead(307, { location: "http://127.0.0.1:9/" }).end());
    expect(await send({ url })).toMatchObject({ status: 307, isRedirect: true });
  });

  it.each([
    ["name", { "x team": "a" }],
    ["value", { "x-team": "a\nb: c" }],
  ])("is not sent with an invalid %s of a header", async (_what, headers) => {
    const url = await serve(() => expect.fail("nothing was to be sent"));
    expect(await send({ url, headers })).toBe("invalid header");
  });

  it("that is refused or malformed is rejected", async () => {
    await expect(send({ url: "http://127.0.0.1:9/" })).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await expect(send({ url: "no address" })).rejects.toMatchObject({ code: "ERR_INVALID_URL" });
  });
});

describe("a server that does not come to an end", () => {
  it("is left at the deadline", async () => {
    let closed: Promise<unknown> | undefined;
    const url = await serve((request) => {
      closed = once(request.resume(), "close");
    });
    expect(await send({ url }, { timeoutMs: 60 })).toBe("late");
    await closed;
  });

  it.each<[string, number, (response: Parameters<RequestListener>[1]) => unknown]>([
    ["stops in the middle", 60, (response) => response.writeHead(202).write("{")],
    ["breaks off", 5_000, (response) => response.writeHead(202).write("{", () => response.destroy())],
    ["says too much", 5_000, (response) => response.writeHead(202).write(Buffer.alloc(MAX_ANSWER_BYTES + 1))],
  ])("and %s is left, and its status counts", async (_what, timeoutMs, answer) => {
    let closed: Promise<unknown> | undefined;
    const url = await serve((request, response) => {
      closed = once(response, "close");
      request.resume().on("end", () => answer(response));
    });
    expect(await send({ url }, { timeoutMs })).toMatchObject({ status: 202, bytes: undefined });
    await closed;
  });

  it("may answer with as much as is read", async () => {
    const url = await serve((request, response) => {
      request.resume().on("end", () => response.end(Buffer.alloc(MAX_ANSWER_BYTES)));
    });
    expect(await send({ url })).toMatchObject({ bytes: { byteLength: MAX_ANSWER_BYTES } });
  });
});

describe("certificates", () => {
  it("are taken from the environment: of the server, and of the client", async () => {
    const clients: unknown[] = [];
    const certificate = readFileSync(CERTIFICATE);
    const server = createSecureServer(
      { cert: certificate, key: readFileSync(KEY), ca: certificate, requestCert: true },
      (request, response) => {
        clients.push(Reflect.get(request.socket, "authorized"));
        request.resume().on("end", () => response.writeHead(200, { "content-length": "0" }).end());
      },
    );
    const endpoint = `https://${await listen(server)}`;
    vi.stubEnv("OTEL_EXPORTER_OTLP_CERTIFICATE", CERTIFICATE);
    vi.stubEnv("OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", CERTIFICATE);
    vi.stubEnv("OTEL_EXPORTER_OTLP_CLIENT_KEY", KEY);
    const { tracing, reports } = setUp({ exporter: otlp({ endpoint }) });
    withSpan("a", () => undefined);
    await tracing.forceFlush();
    expect([clients, reports]).toEqual([[true], []]);
  });

  it("that nobody vouches for are refused", async () => {
    const server = createSecureServer({ cert: readFileSync(CERTIFICATE), key: readFileSync(KEY) });
    const url = `https://${await listen(server)}/`;
    await expect(send({ url })).rejects.toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  });

  it("that cannot be read are reported, by name only", () => {
    const reports: Diagnostic[] = [];
    exchangeWith({ OTEL_EXPORTER_OTLP_CERTIFICATE: "/secret/none.pem" }, reports);
    expect(reports.map(({ code, message }) => [code, message])).toEqual([
      [
        "env.invalid",
        "OTEL_EXPORTER_OTLP_CERTIFICATE is ignored: it must be a file that can be read. Correct or remove it.",
      ],
    ]);
  });
});
