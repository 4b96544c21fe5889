/** One function of each other kind: an app has them all, so its modules share the code of all builders. */
import { action, httpAction, internalAction, internalMutation, internalQuery, query } from "../_generated/server";

export const ask = action({ args: {}, handler: async () => "ask" });

export const hear = httpAction(async () => new Response("hear"));

export const list = query({ args: {}, handler: async () => "list" });

export const sweep = internalMutation({ args: {}, handler: async () => "sweep" });

export const tell = internalAction({ args: {}, handler: async () => "tell" });

export const view = internalQuery({ args: {}, handler: async () => "view" });
