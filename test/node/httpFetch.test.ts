/** Export requests on Node's own HTTP client, as far as the transport uses `fetch`, and certificates. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createSecureServer, type Server as SecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Diagnostic } from "../../src/core/ports.js";
import { withSpan } from "../../src/index.js";
import { httpFetch } from "../../src/node/httpFetch.js";
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

const fetchWith = (env: Readonly<Record<string, string>> = {}, reports: Diagnostic[] = []) =>
  httpFetch(
    (name) => env[name],
    (diagnostic) => reports.push(diagnostic),
  );

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
    const response = await fetchWith()(url, {
      method: "POST",
      headers: { Authorization: "Bearer k" },
      body: new TextEncoder().encode("spans"),
    });
    expect(seen).toEqual([["POST", "/v1/traces", "Bearer k", "5", "spans"]]);
    expect([response.status, response.ok, response.headers.get("retry-after")]).toEqual([503, false, "7"]);
    expect(await response.text()).toBe("busy");
  });

  it.each<[string, (response: Parameters<RequestListener>[1]) => unknown]>([
    ["no content", (response) => response.writeHead(204).end()],
    ["no bytes", (response) => response.writeHead(200, { "content-length": "0" }).end()],
    ["bytes of unknown number, none of which comes", (response) => response.writeHead(202).end()],
  ])("may be answered with %s", async (_what, answer) => {
    const url = await serve((request, response) => void request.resume().on("end", () => answer(response)));
    const response = await fetchWith()(url, { method: "POST", body: "x" });
    expect([response.ok, await response.text()]).toEqual([true, ""]);
  });

  it("uses a connection again", async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      request.resume().on("end", () => response.writeHead(200, { "content-length": "0" }).end());
    });
    const send = fetchWith();
    for (let round = 0; round < 3; round++) {
      await (await send(url, { body: "x" })).text();
      // The connection is given back after the answer has been read.
      await new Promise((later) => setImmediate(later));
    }
    expect(ports.size).toBe(1);
  });

  it("is not led elsewhere", async () => {
    const url = await serve((_request, response) => response.writeHead(307, { location: "http://127.0.0.1:9/" }).end());
    expect((await fetchWith()(url, { body: "x" })).status).toBe(307);
  });

  it("that is aborted, refused or malformed is rejected", async () => {
    const url = await serve(() => undefined);
    const controller = new AbortController();
    const waiting = fetchWith()(url, { body: "x", signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
    await expect(fetchWith()("http://127.0.0.1:9/", { body: "x" })).rejects.toMatchObject({ code: "ECONNREFUSED" });
    await expect(fetchWith()("no address", { body: "x" })).rejects.toMatchObject({ code: "ERR_INVALID_URL" });
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
    await expect(fetchWith()(url, { body: "x" })).rejects.toMatchObject({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  });

  it("that cannot be read are reported, by name only", () => {
    const reports: Diagnostic[] = [];
    fetchWith({ OTEL_EXPORTER_OTLP_CERTIFICATE: "/secret/none.pem" }, reports);
    expect(reports.map(({ code, message }) => [code, message])).toEqual([
      [
        "env.invalid",
        "OTEL_EXPORTER_OTLP_CERTIFICATE is ignored: it must be a file that can be read. Correct or remove it.",
      ],
    ]);
  });
});
