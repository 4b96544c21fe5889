/** Where a traced HTTP action comes in: loads the code that traces it, which no other function should pay for. */
import type { HttpHandler } from "./httpHandler.js";
import { configOf, type InstrumentedApp } from "./instrumentedApp.js";
import type { InstrumentConfig } from "./options.js";
import { reasonOf } from "./reasonOf.js";

/** Runs an HTTP action, traced. `route` is the template of its route (`/hooks/*`), if it is known. */
export async function runHttp<Ctx extends object>(
  app: InstrumentedApp,
  ctx: Ctx,
  request: Request,
  handler: HttpHandler<Ctx>,
  route: string | undefined,
): Promise<Response> {
  const config = configOf(app);
  const http = await loadHttpAction(config);
  return http === undefined ? handler(ctx, request) : http.runHttpAction(config, ctx, request, handler, route);
}

/** The code that traces HTTP actions; without it they run untraced. */
async function loadHttpAction(config: InstrumentConfig) {
  try {
    return await import("./httpAction.js");
  } catch (thrown) {
    const message = `An HTTP action is not traced: ${reasonOf(thrown)}`;
    config.report({ level: "error", code: "call.not_begun", message });
    return undefined;
  }
}
