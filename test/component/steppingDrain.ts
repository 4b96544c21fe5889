/**
 * The component with a drain that asks, at each of its awaited steps, whether it is to go on: so that a test can end it there as a
 * deploy, a limit or the end of its machine would, with an end that it cannot catch.
 */
import type { Plugin } from "esbuild";
import type { ConvexBundle } from "../../src/testing/convexBundle.js";
import { bundleComponent } from "./strictApp.js";

/** Every step of a drain, in order. From the request on they come again for each batch, and for each request of one that was split. */
export const STEPS = [
  "before claim",
  "after claim",
  "before request",
  // The backend has the request, and has not answered.
  "in the request",
  // Its head is there, its body is not.
  "in the answer",
  "after the answer",
  "before settle",
  "after settle",
] as const;
export type Step = (typeof STEPS)[number];

/** Asked over `fetch`, since that is the way out of a drain. */
const ASK = "http://step.invalid/";

const STEPPING_DRAIN = `
import { internalAction } from "./_generated/server.js";
import { drain as real } from "./drain.ts?real";

const { fetch } = globalThis;

async function step(name) {
  const answer = await fetch("${ASK}" + name);
  if (answer.ok) return;
  // Ends the call at once, as no \`catch\` could.
  void Promise.reject(new Error("killed"));
  await new Promise(() => {});
}

async function steppingFetch(...args) {
  await step("before request");
  const sent = fetch(...args);
  // It is awaited below, unless the drain has died by then.
  sent.catch(() => {});
  await step("in the request");
  const response = await sent;
  await step("in the answer");
  return new Proxy(response, {
    get: (target, name) => (name === "body" ? steppingBody(target.body) : Reflect.get(target, name)),
  });
}

function steppingBody(body) {
  const reader = body.getReader();
  const read = async () => {
    const chunk = await reader.read();
    if (chunk.done) await step("after the answer");
    return chunk;
  };
  return { getReader: () => ({ read, cancel: () => reader.cancel() }) };
}

export const drain = internalAction({
  handler: (ctx, args) => {
    globalThis.fetch = steppingFetch;
    let called = "claim";
    const runMutation = async (...call) => {
      const name = called;
      called = "settle";
      await step("before " + name);
      const result = await ctx.runMutation(...call);
      await step("after " + name);
      return result;
    };
    return real._handler({ ...ctx, runMutation }, args);
  },
});
`;

const steppingDrain: Plugin = {
  name: "stepping drain",
  setup: (setup) => {
    setup.onResolve({ filter: /\/drain\.ts\?real$/ }, ({ resolveDir }) => ({
      path: `${resolveDir}/drain.ts`,
      suffix: "?real",
    }));
    setup.onLoad({ filter: /src\/component\/drain\.ts$/ }, ({ suffix }) =>
      suffix === "?real" ? undefined : { contents: STEPPING_DRAIN, loader: "js" },
    );
  },
};

let bundle: Promise<ConvexBundle> | undefined;

/** The component with such a drain. */
export const steppingComponent = (): Promise<ConvexBundle> => (bundle ??= bundleComponent([steppingDrain]));

/** What `fetch` is for it: `decide` answers what it asks, and everything else goes to the network. */
export function steppingFetch(decide: (step: Step) => Promise<"go on" | "die">): typeof fetch {
  return async (input, init) => {
    const asked = typeof input === "string" && input.startsWith(ASK) ? input.slice(ASK.length) : undefined;
    if (asked === undefined) return fetch(input, init);
    const step = STEPS.find((name) => name === asked);
    if (step === undefined) throw new Error(`no step of this name: ${asked}`);
    return new Response(null, { status: (await decide(step)) === "die" ? 410 : 200 });
  };
}
