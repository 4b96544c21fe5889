/**
 * Runs an HTTP action. It lasts until the body of its response has been sent, not until its handler returns
 * (`stream_http_result` in `crates/isolate/src/environment/action/mod.rs` of get-convex/convex-backend).
 */
import type { DeployedCode } from "./deployedCode.js";
import type { Execution } from "./execution.js";
import type { HostContext } from "./hostContext.js";
import { MAX_RESPONSE_BYTES } from "./sizeLimits.js";
import { onBehalfOf } from "./rejections.js";
import { dropUnawaited, noteFailure, orKilled } from "./runFunction.js";
import type { StrictRuntime } from "./runtime.js";

/** Finds the HTTP action for a path and a method: `[action, method, path]`. */
export interface Router {
  lookup(path: string, method: string): readonly unknown[] | null;
}

/** Whether a value is what `httpRouter()` returns. */
export function isRouter(value: unknown): value is Router {
  return typeof value === "object" && value !== null && "lookup" in value && typeof value.lookup === "function";
}

/** Runs the action that a request is routed to, in a realm of its own. */
export async function runHttpAction(
  runtime: StrictRuntime,
  code: DeployedCode,
  file: string,
  ctx: HostContext,
  request: Request,
): Promise<Response> {
  const { pathname } = new URL(request.url);
  const path = `${request.method} ${pathname}`;
  const started = runtime.start({ code, path, type: "httpAction", argsJson: "", ctx, caller: undefined, attempt: 1 });
  const { execution, realm } = started;
  try {
    const router = realm.load(file)["default"];
    started.enterHandler();
    const action = isRouter(router) ? router.lookup(pathname, request.method)?.[0] : undefined;
    const answer = onBehalfOf(execution, () => invoke(action, realm.request(request)));
    const response = await orKilled(execution, answer);
    if (!(response instanceof Response)) throw new Error("The HTTP action did not return a Response");
    return send(response, execution);
  } catch (thrown) {
    execution.conclude();
    throw noteFailure(execution, thrown);
  }
}

function invoke(action: unknown, request: Request): unknown {
  const invoker: unknown = Reflect.get(Object(action) as object, "invokeHttpAction");
  if (typeof invoker !== "function") throw new Error(`No HTTP action for ${request.method} ${request.url}`);
  return Reflect.apply(invoker, action, [request]);
}

function send(response: Response, execution: Execution): Response {
  const { body, status, statusText, headers } = response;
  if (body === null) {
    finish(execution);
    return response;
  }
  // Read at once, as a server does, and not only when the test looks at it.
  const sent = new ReadableStream({
    start: (controller) => void onBehalfOf(execution, () => pump(body, controller, execution)),
  });
  return new Response(sent, { status, statusText, headers });
}

/** `handle_http_streamed_part` in environment/action/mod.rs: what does not fit is left out, and the action goes on. */
const TOO_LARGE = "HttpResponseTooLarge: HTTP actions support responses up to 20 MiB";

async function pump(
  body: ReadableStream<unknown>,
  controller: ReadableStreamDefaultController,
  execution: Execution,
): Promise<void> {
  try {
    const reader = body.getReader();
    let sent = 0;
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), execution.killed]);
      if (done) break;
      const { byteLength } = Object(value) as Uint8Array;
      if (sent + byteLength > MAX_RESPONSE_BYTES) {
        execution.call.printSystem("ERROR", TOO_LARGE, "error:httpAction");
        continue;
      }
      sent += byteLength;
      controller.enqueue(value);
    }
    finish(execution);
    controller.close();
  } catch (thrown) {
    execution.conclude();
    controller.error(noteFailure(execution, thrown));
  }
}

function finish(execution: Execution): void {
  dropUnawaited(execution);
  execution.call.outcome = "returned";
  execution.conclude();
}
