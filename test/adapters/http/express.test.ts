/** Express 4 and 5: routes by their templates, wherever routers are mounted, and errors. */
import { createRequire } from "node:module";
import express5 from "express";
import { describe, expect, it } from "vitest";
import { traceNodeErrors, traceNodeHandler } from "../../../src/adapters/http/index.js";
import { withSpan } from "../../../src/index.js";
import { arrived, register, serve } from "./support.js";

// Without types of its own: what is used of it is the same.
const express4 = createRequire(import.meta.url)("express-4") as typeof express5;

const versions = [
  ["Express 5", express5],
  ["Express 4", express4],
] as const;

describe.each(versions)("%s", (version, express) => {
  /** An app with routers in routers; the span of the handler shows that its context is that of the request. */
  function app(): ReturnType<typeof express5> {
    const made = express();
    const items = express.Router();
    items.get("/", (_req, res) => withSpan("list", () => res.json([])));
    items.get("/:item", (req, res) => withSpan("look up", () => res.json(req.params)));
    items.post("/", express.json(), (req, res) => withSpan("save", () => res.json(req.body)));
    const tenants = express.Router({ mergeParams: true });
    tenants.use("/items", items);
    made.use("/api/:tenant", tenants);
    const admin = express();
    admin.get(/^\/jobs\/\d+$/, (_req, res) => void res.send("job"));
    admin.get(["/a", "/b"], (_req, res) => void res.send("ab"));
    made.use("/admin", admin);
    made.get("/", (_req, res) => void res.send("home"));
    made.get("/fails", () => {
      throw new RangeError("too far");
    });
    made.get("/missing", (_req, _res, next) => next(Object.assign(new Error("gone"), { status: 404 })));
    return made;
  }

  type Setup = readonly [how: string, serveApp: () => Promise<string>];
  const setups: readonly Setup[] = [
    ["as a wrapped app", () => serve(traceNodeHandler(app()))],
    [
      "as a middleware",
      () => {
        const outer = express();
        outer.use(traceNodeHandler());
        outer.use(app());
        return serve(outer);
      },
    ],
  ];

  describe.each(setups)("%s", (_how, serveApp) => {
    const paths = [
      ["GET", "/", "GET / [server] {url.path=/}"],
      ["GET", "/api/acme/items/", "GET /api/:tenant/items [server] {url.path=/api/acme/items/}\n└─ list"],
      ["GET", "/api/acme/items/42", "GET /api/:tenant/items/:item [server] {url.path=/api/acme/items/42}\n└─ look up"],
      ["POST", "/api/a%20b/items", 'POST /api/:tenant/items [server] {url.path="/api/a%20b/items"}\n└─ save'],
      ["GET", "/admin/jobs/7", "GET /admin^\\/jobs\\/\\d+$ [server] {url.path=/admin/jobs/7}"],
      ["GET", "/admin/b", "GET /admin/a|/b [server] {url.path=/admin/b}"],
      ["GET", "/api/acme/nowhere/3", "GET [server] {url.path=/api/acme/nowhere/3}"],
    ] as const;

    it.each(paths)("%s %s", async (method, path, tree) => {
      const recorded = register();
      const url = await serveApp();
      const body = method === "POST" ? { body: '{"a":1}', headers: { "content-type": "application/json" } } : {};
      const response = await fetch(url + path, { method, ...body });
      await response.text();
      expect(response.headers.get("x-correlation-id")).toMatch(/./);
      await arrived(recorded, tree.split("\n").length);
      expect(recorded.tree("url.path")).toBe(tree);
    });
  });

  it("answers as it does without", async () => {
    const answers = async (url: string) => {
      const seen: unknown[] = [];
      for (const path of ["/", "/api/acme/items/42", "/admin/b", "/nowhere"]) {
        const response = await fetch(url + path);
        const headers = [...response.headers].filter(([name]) => name !== "date" && name !== "x-correlation-id");
        seen.push([response.status, headers, await response.text()]);
      }
      return seen;
    };
    register();
    expect(await answers(await serve(traceNodeHandler(app())))).toEqual(await answers(await serve(app())));
  });

  it("errors are recorded if the answer says so, and still reach the app's own middleware", async () => {
    const recorded = register();
    const outer = express();
    outer.set("env", "test");
    outer.use(traceNodeHandler());
    outer.use(app());
    outer.use(traceNodeErrors());
    const seen: unknown[] = [];
    outer.use(((error: { status?: number }, _req, res, _next) => {
      seen.push(error);
      res.sendStatus(error.status ?? 500);
    }) satisfies express5.ErrorRequestHandler);
    const url = await serve(outer);
    expect([(await fetch(`${url}/fails`)).status, (await fetch(`${url}/missing`)).status]).toEqual([500, 404]);
    expect(seen).toEqual([expect.any(RangeError), expect.any(Error)]);
    await arrived(recorded, 2);
    expect(recorded.tree("http.response.status_code")).toBe(
      "GET /fails [server] {http.response.status_code=500}\n  ! error: RangeError\n  * exception\n\n" +
        "GET /missing [server] {http.response.status_code=404}",
    );
  });

  it("a request that fails keeps the mounts of its route, and their class", async () => {
    const recorded = register();
    const outer = express();
    outer.set("env", "test");
    outer.use(traceNodeHandler({ endpointClass: { "/api/:tenant/items/:item": "detail" } }));
    const items = express.Router({ mergeParams: true });
    items.get("/items/:item", () => {
      throw new RangeError("too far");
    });
    outer.use("/api/:tenant", items);
    outer.use("/other", items);
    outer.use(traceNodeErrors());
    outer.use(((_error, _req, res, _next) => void res.sendStatus(500)) satisfies express5.ErrorRequestHandler);
    const url = await serve(outer);
    for (const path of ["/api/acme/items/7", "/other/items/7"]) await fetch(url + path);
    await arrived(recorded, 2);
    expect(recorded.tree("convex.http.endpoint.class")).toBe(
      "GET /api/:tenant/items/:item [server] {convex.http.endpoint.class=detail}\n  ! error: RangeError\n  * exception\n\n" +
        "GET /other/items/:item [server]\n  ! error: RangeError\n  * exception",
    );
  });

  it("where it is mounted below a parameter, and where a route calls the next one", async () => {
    const recorded = register();
    const outer = express();
    const inner = express.Router({ mergeParams: true });
    inner.use(traceNodeHandler());
    inner.get("/first", (_req, _res, next) => next());
    inner.get("/:second", (_req, res) => void res.send(version));
    outer.use("/:tenant/x-:kind", inner);
    const url = await serve(outer);
    expect(await (await fetch(`${url}/acme/x-blue/first`)).text()).toBe(version);
    await arrived(recorded, 1);
    expect(recorded.tree("url.path")).toBe("GET /:tenant/:kind/:second [server] {url.path=/acme/x-blue/first}");
  });
});
