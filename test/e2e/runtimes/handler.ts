/** What each runtime serves: a traced handler, with work in it that spans of two requests at a time could be mixed up in. */
import { setTimeout as sleep } from "node:timers/promises";
import { traceFetchHandler } from "../../../src/adapters/http/index.js";
import { getCorrelationId, withSpan } from "../../../src/index.js";

export const handler: (request: Request) => Promise<Response> = traceFetchHandler(
  async () => {
    const greeting = await withSpan("read", async () => {
      await sleep(20);
      return withSpan("greet", () => `hello ${getCorrelationId()}`);
    });
    return new Response(greeting);
  },
  { route: "/items/:id" },
);
