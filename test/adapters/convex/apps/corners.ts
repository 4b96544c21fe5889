/** Apps in corners of what Convex allows. */
import { ConvexError, v } from "convex/values";
import { ownApp } from "./app.js";
import { ownMutation, target } from "./functions.js";

const inserts = ownMutation("inserts");
const refuses = ownMutation("refuses");

const seenOf = (error: unknown) =>
  error instanceof ConvexError ? [error instanceof Error, (error.data as { code: string; left: number }).left] : null;

/** Functions that call one that throws a ConvexError, and return what they make of it. */
export const catchesConvexErrors = ownApp((otel) => ({
  refuses: otel.internalMutation({
    args: {},
    handler: async () => {
      throw new ConvexError({ code: "no_money", left: 7 });
    },
  }),
  act: otel.action({ args: {}, handler: async (ctx) => await ctx.runMutation(refuses, {}).catch(seenOf) }),
  run: otel.mutation({ args: {}, handler: async (ctx) => await ctx.runMutation(refuses, {}).catch(seenOf) }),
}));

/** Values of every kind as arguments, beside a carrier. */
export const passesAllValues = ownApp((otel) => ({
  takes: otel.internalMutation({
    args: { values: v.array(v.any()), optional: v.optional(v.string()) },
    handler: async (_ctx, { values, ...rest }) => [
      ...values.map((value: unknown) => (value instanceof ArrayBuffer ? `${value.byteLength} bytes` : String(value))),
      Object.is(values[2], -0),
      Object.keys(rest),
    ],
  }),
  act: otel.action({
    args: {},
    handler: async (ctx) =>
      await ctx.runMutation(ownMutation("takes"), { values: [1n, new ArrayBuffer(3), -0, NaN, -Infinity, null] }),
  }),
}));

/** A mutation that awaits nothing. Convex completes what it has started. */
export const awaitsNothing = ownApp((otel) => ({
  inserts: otel.internalMutation(async (ctx) => void (await ctx.db.insert("tasks", { status: "a", rank: 1 }))),
  run: otel.mutation(async (ctx) => {
    void ctx.scheduler.runAfter(0, target, { n: 1 });
    void ctx.runMutation(inserts, {});
  }),
}));

/** Responses without a body, and bodies that break off. */
export const respondsOddly = ownApp((otel, http) => {
  const text = (part: string) => new TextEncoder().encode(part);
  const throwing = () => {
    let parts = 0;
    return new ReadableStream({
      pull(controller) {
        if (++parts > 2) throw new Error("no more");
        controller.enqueue(text("part"));
      },
    });
  };
  const writing = () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const write = async (): Promise<void> => {
      await writer.write(text("part"));
      await writer.abort(new Error("no more"));
    };
    write().catch(() => undefined);
    return readable;
  };
  const responses: Readonly<Record<string, () => Response>> = {
    "/204": () => new Response(null, { status: 204 }),
    "/304": () => new Response(null, { status: 304 }),
    "/throws": () => new Response(throwing()),
    "/aborts": () => new Response(writing()),
  };
  for (const [path, respond] of Object.entries(responses)) {
    http.route({ path, method: "GET", handler: otel.httpAction(async () => await Promise.resolve(respond())) });
  }
  return {};
});
