/** Apps that look at what the builders make, and apps of older backends. */
import { v } from "convex/values";
import { customCtx, customMutation } from "convex-helpers/server/customFunctions";
import { untraced } from "../../../../src/adapters/convex/server/index.js";
import { isInstrumented } from "../../../../src/adapters/convex/server/mark.js";
import { fnsApp, type Otel, ownApp } from "./app.js";
import { builderWith } from "./builderWith.js";
import { mainFunctions } from "./mainFunctions.js";
import { stock } from "./schema.js";

/** What Convex reads from a registered function at push and when it runs it. */
function registration(registered: object) {
  const names = Object.getOwnPropertyNames(registered).filter(
    (name) => !["name", "length", "prototype"].includes(name),
  );
  const read = (name: string) => {
    const member: unknown = Reflect.get(registered, name);
    return typeof member === "function" ? "function" : member;
  };
  return Object.fromEntries(names.map((name) => [name, read(name)]));
}

function exportedArgs(registered: object): unknown {
  return JSON.parse((registered as unknown as { exportArgs(): string }).exportArgs());
}

const definition = { args: { a: v.string() }, returns: v.null(), handler: async () => null };
const any = { args: v.any(), handler: async () => null };
const bare = async () => null;
const respond = () => Promise.resolve(new Response());

/** What builders make of each form of a definition. */
function built(builders: Pick<Otel, (typeof KINDS)[number] | "httpAction"> | typeof stock) {
  const functions = KINDS.map((kind) => [kind, registration(builders[kind](definition))] as const);
  const args = [definition, any, bare].map((form) => exportedArgs(builders.mutation(form as typeof any)));
  return { ...Object.fromEntries(functions), httpAction: registration(builders.httpAction(respond)), args };
}

const KINDS = ["mutation", "internalMutation", "action", "internalAction"] as const;

export const comparesBuilders = ownApp((otel) => ({
  run: otel.mutation(async () => ({
    ours: JSON.stringify(built(otel)),
    stock: JSON.stringify(built(stock)),
    queriesAreStock: otel.query === stock.query && otel.internalQuery === stock.internalQuery,
    marked: KINDS.map((kind) => isInstrumented(otel[kind](definition))),
    enumerable: Object.keys(otel.mutation(definition)),
  })),
}));

/** A backend before `ctx.meta`. */
const withoutMeta = builderWith((ctx) => ({ ...ctx, meta: undefined }));

export const withoutMetadata = fnsApp(mainFunctions, {
  server: {
    ...stock,
    mutation: withoutMeta(stock.mutation),
    internalMutation: withoutMeta(stock.internalMutation),
    action: withoutMeta(stock.action),
    internalAction: withoutMeta(stock.internalAction),
  },
});

const failing = { getFunctionMetadata: () => Promise.reject(new Error("Unknown async operation")) };

export const withFailingMetadata = fnsApp(mainFunctions, {
  server: { ...stock, mutation: builderWith((ctx) => ({ ...ctx, meta: failing }))(stock.mutation) },
});

/** Compares the members of a ctx that a custom function made with those that Convex gave to the builder. */
export const unwraps = (() => {
  let given: { readonly db?: unknown; readonly scheduler?: unknown } = {};
  const watching = builderWith((ctx) => (given = ctx));
  return ownApp(
    (otel) => {
      const custom = customMutation(
        otel.mutation,
        customCtx(() => ({ extra: 1 })),
      );
      return {
        run: custom({
          args: {},
          handler: async (traced) => {
            const plain = untraced(traced);
            return [
              traced.db !== given.db,
              plain.db === given.db,
              plain.scheduler === given.scheduler,
              plain.extra === 1,
            ];
          },
        }),
      };
    },
    { server: { ...stock, mutation: watching(stock.mutation) } },
  );
})();
