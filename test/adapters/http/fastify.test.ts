/** Fastify: routes by their templates, bodies, errors, and requests that are ignored. */
import Fastify from "fastify";
import { afterEach, describe, expect, it } from "vitest";
import { traceFastify } from "../../../src/adapters/http/index.js";
import { getCorrelationId, withSpan } from "../../../src/index.js";
import { arrived, diagnosed, PARENT_ID, register, traceparent } from "./support.js";

const STATUS = "http.response.status_code";
const open = new Set<{ close(): unknown }>();

afterEach(async () => {
  for (const app of open) await app.close();
  open.clear();
});

async function start(options: Parameters<typeof traceFastify>[0] = {}, plugins = 1) {
  const app = Fastify();
  open.add(app);
  for (let i = 0; i < plugins; i++) await app.register(traceFastify(options));
  app.get<{ Params: { id: string } }>("/items/:id", async ({ params }) =>
    withSpan("look up", async () => Promise.resolve({ ...params, correlation: getCorrelationId() })),
  );
  app.post("/items", async ({ body }) => withSpan("save", () => body));
  app.get("/fails", async () => Promise.reject(new RangeError("too far")));
  app.get("/missing", async () => Promise.reject(Object.assign(new Error("gone"), { statusCode: 404 })));
  app.get("/healthz", async () => withSpan("check", () => "ok"));
  app.post("/healthz", async () => withSpan("check", () => "ok"));
  await app.register(
    async (inner) => {
      inner.get("/:name", async ({ params }) => params);
    },
    { prefix: "/users/:user" },
  );
  return { app, url: await app.listen({ host: "127.0.0.1", port: 0 }) };
}

const json = (body: unknown) => ({
  method: "POST",
  body: JSON.stringify(body),
  headers: { "content-type": "application/json" },
});

describe("a traced request", () => {
  it("is a SERVER span named by its route, active in the handler", async () => {
    const recorded = register();
    const { url } = await start({ endpointClass: { "/items/:id": "detail" } });
    const response = await fetch(`${url}/items/42`, { headers: { "x-correlation-id": "order-7" } });
    expect(await response.json()).toEqual({ id: "42", correlation: "order-7" });
    expect(response.headers.get("x-correlation-id")).toBe("order-7");
    await arrived(recorded, 2);
    expect(recorded.tree("convex.http.endpoint.class", STATUS)).toBe(
      `GET /items/:id [server] {convex.http.endpoint.class=detail ${STATUS}=200}\n└─ look up`,
    );
  });

  it("with a body, which is read outside of it", async () => {
    const recorded = register();
    const { url } = await start();
    const body = { text: "x".repeat(200_000) };
    const response = await fetch(`${url}/items`, json(body));
    expect(await response.json()).toEqual(body);
    await arrived(recorded, 2);
    expect(recorded.tree()).toBe("POST /items [server]\n└─ save");
  });

  it("below a prefix, and without a route", async () => {
    const recorded = register();
    const { url } = await start();
    await fetch(`${url}/users/7/ann`);
    expect((await fetch(`${url}/nowhere/7`)).status).toBe(404);
    await arrived(recorded, 2);
    expect(recorded.tree(STATUS)).toBe(
      `GET /users/:user/:name [server] {${STATUS}=200}\n\nGET [server] {${STATUS}=404}`,
    );
  });

  it("by `inject`, continuing the caller", async () => {
    const recorded = register();
    const { app } = await start();
    const response = await app.inject({ url: "/items/1", headers: { traceparent: traceparent() } });
    expect(response.headers["x-correlation-id"]).toMatch(/./);
    await arrived(recorded, 2);
    expect(recorded.spans().find(({ kind }) => kind === "server")?.parentSpanId).toBe(PARENT_ID);
  });

  it("fails with the error that was answered", async () => {
    const recorded = register();
    const { url } = await start();
    expect([(await fetch(`${url}/fails`)).status, (await fetch(`${url}/missing`)).status]).toEqual([500, 404]);
    expect((await fetch(`${url}/items`, { ...json({}), body: "{" })).status).toBe(400);
    await arrived(recorded, 3);
    expect(recorded.tree(STATUS)).toBe(
      [
        `GET /fails [server] {${STATUS}=500}\n  ! error: RangeError\n  * exception`,
        `GET /missing [server] {${STATUS}=404}`,
        `POST /items [server] {${STATUS}=400}`,
      ].join("\n\n"),
    );
  });
});

describe("what is not traced", () => {
  it("is ignored with all below it, also after a body was read", async () => {
    const recorded = register();
    const { url } = await start({ ignore: ["/healthz"] });
    expect(await (await fetch(`${url}/healthz`)).text()).toBe("ok");
    expect(await (await fetch(`${url}/healthz`, json({ a: 1 }))).text()).toBe("ok");
    await fetch(`${url}/items/1`);
    await arrived(recorded, 2);
    expect(recorded.tree()).toBe("GET /items/:id [server]\n└─ look up");
  });

  it("a server without a provider answers as always", async () => {
    const { url } = await start();
    const response = await fetch(`${url}/items/1`);
    expect([await response.json(), response.headers.has("x-correlation-id")]).toEqual([{ id: "1" }, false]);
  });

  it("a second plugin: one span, and a diagnostic", async () => {
    const recorded = register();
    const { said, diagnostics } = diagnosed();
    const { url } = await start({ diagnostics }, 2);
    await fetch(`${url}/items/1`);
    await arrived(recorded, 2);
    expect([recorded.tree(), said]).toEqual(["GET /items/:id [server]\n└─ look up", ["http.wrapped_twice"]]);
  });
});
