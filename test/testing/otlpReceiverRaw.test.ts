/**
 * What no HTTP client sends on purpose: the receiver has to survive it and go on.
 */
import { connect } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startOtlpReceiver, type OtlpReceiver } from "../../src/testing/index.js";
import { encodeForTest } from "./encodeForTest.js";
import { aSpan } from "./spans.js";

const BODY = encodeForTest([aSpan({ name: "a" })]);

let receiver: OtlpReceiver;
beforeAll(async () => {
  receiver = await startOtlpReceiver();
});
beforeEach(() => receiver.reset());
afterAll(() => receiver.close());

/** Sends bytes, ends the sending side, and reads until the other side is through. */
function exchange(parts: readonly (string | Uint8Array)[], end: "finish" | "destroy" = "finish"): Promise<string> {
  return new Promise((resolve) => {
    let received = "";
    const socket = connect(Number(new URL(receiver.url).port), "127.0.0.1", () => {
      for (const part of parts) socket.write(part);
      if (end === "finish") socket.end();
      else setTimeout(() => socket.destroy(), 20);
    });
    socket.on("data", (chunk) => (received += chunk.toString()));
    socket.on("error", () => resolve(received));
    socket.on("close", () => resolve(received));
  });
}

function head(...lines: string[]): string {
  return ["POST /v1/traces HTTP/1.1", "Host: x", "Content-Type: application/json", ...lines, "", ""].join("\r\n");
}

async function stillWorks(): Promise<boolean> {
  const headers = { "content-type": "application/json" };
  return (await fetch(receiver.tracesUrl, { method: "POST", headers, body: BODY })).status === 200;
}

describe("the receiver and raw sockets", () => {
  it("reads a body in chunks", async () => {
    const half = Math.floor(BODY.length / 2);
    const chunks = [BODY.slice(0, half), BODY.slice(half)].map((part) => `${part.length.toString(16)}\r\n${part}\r\n`);
    const answer = await exchange([head("Transfer-Encoding: chunked", "Connection: close"), ...chunks, "0\r\n\r\n"]);
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(receiver.spans).toHaveLength(1);
  });

  it("joins headers that come twice", async () => {
    const length = `Content-Length: ${BODY.length}`;
    await exchange([head(length, "X-Twice: a", "X-Twice: b", "Connection: close"), BODY]);
    expect(receiver.requests[0]?.headers["x-twice"]).toBe("a, b");
  });

  it("answers two requests on one connection", async () => {
    const request = head(`Content-Length: ${BODY.length}`) + BODY;
    const answer = await exchange([request + request]);
    expect(answer.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  });

  it.each<[string, readonly (string | Uint8Array)[]]>([
    ["no HTTP", ["hello there\r\n\r\n"]],
    ["bytes", [new Uint8Array([0x16, 0x03, 0x01, 0x00, 0xff, 0x00])]],
    ["a wrong chunk size", [head("Transfer-Encoding: chunked"), "zz\r\n"]],
    ["two contradicting lengths", [head("Content-Length: 5", "Content-Length: 6"), "hello!"]],
    ["headers without end", [`POST /v1/traces HTTP/1.1\r\nX: ${"x".repeat(100_000)}`]],
  ])("answers %s with an HTTP error", async (_, parts) => {
    expect(await exchange(parts)).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(receiver.spans).toEqual([]);
    expect(await stillWorks()).toBe(true);
  });

  it("forgets a request that breaks off in the middle", async () => {
    await exchange([head(`Content-Length: ${BODY.length}`), BODY.slice(0, 20)], "destroy");
    expect(receiver.requests).toEqual([]);
    expect(await stillWorks()).toBe(true);
  });

  it("survives a client that leaves while it waits for the answer", async () => {
    receiver.respond([{ delayMs: 60 }]);
    await exchange([head(`Content-Length: ${BODY.length}`), BODY], "destroy");
    expect(await stillWorks()).toBe(true);
    await receiver.waitForSpans((spans) => spans.length === 2);
    expect(receiver.requests.map((request) => request.status)).toEqual([undefined, 200]);
  });

  it("never gives a server error for any body", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), fc.constantFrom("", "gzip", "br"), async (body, encoding) => {
        const headers = { "content-type": "application/json", "content-encoding": encoding };
        const response = await fetch(receiver.tracesUrl, { method: "POST", headers, body: Buffer.from(body) });
        await response.text();
        expect(response.status).toBe(400);
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});
