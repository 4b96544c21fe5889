/** Hono, on a real server and by itself: routes by their templates, errors, redirects and streams. */
import { createAdaptorServer } from "@hono/node-server";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { routePath } from "hono/route";
import { stream } from "hono/streaming";
import type { Server } from "node:http";
import { describe, expect, it } from "vitest";
import { setHttpRoute, traceFetchHandler } from "../../../src/adapters/http/index.js";
import { withSpan } from "../../../src/index.js";
import { arrived, register, serve } from "./support.js";

function app(): Hono {
  const made = new Hono();
  made.use(async (c, next) => {
    await next();
    const route = routePath(c, -1);
    // What no route matched has only this function.
    if (route !== "/*") setHttpRoute(route);
  });
  const items = new Hono();
  items.get("/:id", async (c) => withSpan("look up", async () => c.json({ id: c.req.param("id") })));
  made.route("/items", items);
  made.get("/fails", () => {
    throw new RangeError("too far");
  });
  made.get("/gone", () => {
    throw new HTTPException(404);
  });
  made.get("/elsewhere", (c) => c.redirect("/items/1"));
  made.get("/stream", (c) =>
    stream(c, async (out) => {
      for (const part of ["a", "b", "c"]) await out.write(part);
    }),
  );
  made.onError((error, c) => (error instanceof HTTPException ? error.getResponse() : c.text("sorry", 500)));
  return made;
}

const requests = [
  ["/items/42", 200, '{"id":"42"}', "GET /items/:id [server] {http.response.status_code=200}\n└─ look up"],
  ["/elsewhere", 302, "", "GET /elsewhere [server] {http.response.status_code=302}"],
  ["/gone", 404, "", "GET /gone [server] {http.response.status_code=404}"],
  ["/fails", 500, "sorry", "GET /fails [server] {http.response.status_code=500}\n  ! error: 500"],
  ["/nowhere", 404, "404 Not Found", "GET [server] {http.response.status_code=404}"],
  ["/stream", 200, "abc", "GET /stream [server] {http.response.status_code=200}"],
] as const;

describe.each(requests)("%s", (path, status, text, tree) => {
  it("on a server", async () => {
    const recorded = register();
    const url = await serve(createAdaptorServer({ fetch: traceFetchHandler(app().fetch) }) as Server);
    const response = await fetch(url + path, { redirect: "manual" });
    expect([response.status, await response.text()]).toEqual([status, text]);
    expect(response.headers.get("x-correlation-id")).toMatch(/./);
    await arrived(recorded, tree.includes("└─") ? 2 : 1);
    expect(recorded.tree("http.response.status_code")).toBe(tree);
  });

  it("without one, as workers, Bun and Deno call it", async () => {
    const recorded = register();
    const env = { KEY: "value" };
    const response = await traceFetchHandler(app().fetch)(new Request(`https://x.example${path}`), env);
    expect([response.status, await response.text()]).toEqual([status, text]);
    expect(recorded.tree("http.response.status_code")).toBe(tree);
  });

  it("answers as it does untraced", async () => {
    register();
    const answer = async (fetch: Hono["fetch"]) => {
      const response = await fetch(new Request(`https://x.example${path}`));
      const headers = [...response.headers].filter(([name]) => name !== "x-correlation-id");
      return [response.status, headers, await response.text()];
    };
    expect(await answer(traceFetchHandler(app().fetch))).toEqual(await answer(app().fetch));
  });
});
