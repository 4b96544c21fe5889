/**
 * A traced HTTP action: continues the caller's trace from the request headers, tells the caller the correlation id, and
 * lasts until the response body is closed, since Convex keeps the action running that long.
 *
 * Loaded with `import()` when an HTTP action runs: no other function should pay for evaluating it.
 */
import { httpMethodAttributes, httpSpanName } from "../../../core/httpSpan.js";
import { newUuid } from "../../../core/ids.js";
import type { Attributes } from "../../../core/types.js";
import { CORRELATION_HEADER, isValidCorrelationId } from "../../../propagation/correlation.js";
import { extractHeaders } from "../../../propagation/headers.js";
import * as names from "../../../semconv/attributes.js";
import { beginCall, type BegunCall } from "./beginCall.js";
import { endCall, type Outcome } from "./endCall.js";
import type { FunctionShape } from "./functionShape.js";
import type { HttpHandler } from "./httpHandler.js";
import { onBodyEnd, type BodyEnd } from "./responseBody.js";
import type { InstrumentConfig } from "./options.js";
import { callRandom } from "./platform.js";
import { librariesJoin } from "./librariesJoin.js";
import { guarded } from "./runCall.js";
import { tracedContext } from "./tracedContext.js";

const SHAPE: FunctionShape = { type: "http_action", visibility: "public" };

/**
 * Runs an HTTP action, traced. `route` is the template of its route (`/hooks/*`), if it is known.
 */
export async function runHttpAction<Ctx extends object>(
  config: InstrumentConfig,
  ctx: Ctx,
  request: Request,
  handler: HttpHandler<Ctx>,
  route?: string,
): Promise<Response> {
  const begun = await guarded(config, () => begin(config, ctx, request, route));
  return begun === undefined ? handler(ctx, request) : runHttp(begun, ctx, request, handler);
}

function begin(config: InstrumentConfig, ctx: object, request: Request, route: string | undefined) {
  const name = httpSpanName(request.method, route);
  const attributes = requestAttributes(request, route);
  return beginCall({
    config,
    shape: SHAPE,
    ctx,
    canLeave: true,
    name,
    extracted: extractHeaders(request.headers),
    span: { kind: "server", attributes: { ...attributes, [names.CONVEX_FUNCTION_PATH]: name } },
  });
}

/** No query string, no headers but the user agent, no address: what may identify a user is left out. */
function requestAttributes(request: Request, route: string | undefined): Attributes {
  const url = new URL(request.url);
  return {
    ...httpMethodAttributes(request.method),
    [names.HTTP_ROUTE]: route,
    [names.URL_PATH]: url.pathname,
    [names.URL_SCHEME]: url.protocol.replace(":", ""),
    [names.SERVER_ADDRESS]: url.hostname,
    [names.SERVER_PORT]: url.port === "" ? undefined : Number(url.port),
    [names.USER_AGENT_ORIGINAL]: request.headers.get("user-agent") ?? undefined,
    [names.CONVEX_FUNCTION_TYPE]: SHAPE.type,
  };
}

async function runHttp<Ctx extends object>(
  begun: BegunCall,
  ctx: Ctx,
  request: Request,
  handler: HttpHandler<Ctx>,
): Promise<Response> {
  const { call } = begun;
  if (call.recorder !== undefined) call.nameBy(() => newUuid(callRandom()));
  const traced = tracedContext(call, ctx, "action");
  call.recorder?.entry.updateName(entryName(begun));
  await librariesJoin(begun);
  let response: Response;
  try {
    response = await call.run(() => handler(traced.ctx, request));
  } catch (thrown) {
    await end(begun, { ok: false, thrown });
    throw thrown;
  }
  if (call.recorder === undefined) return response;
  if (!(response instanceof Response)) {
    // Convex will say what it thinks of that.
    await end(begun, { ok: true });
    return response;
  }
  const own = response.headers.get(CORRELATION_HEADER);
  if (isValidCorrelationId(own)) call.correlationId ??= own;
  call.ensureCorrelationId();
  return endWithResponse(begun, response);
}

function entryName({ incoming }: BegunCall): string {
  return incoming.name ?? incoming.shape.type;
}

/** A response whose body is there ends the call now, a stream when the last byte is read or the client is gone. */
async function endWithResponse(begun: BegunCall, response: Response): Promise<Response> {
  const { call } = begun;
  call.recorder?.entry.setAttributes(responseAttributes(response));
  if (response.status >= 500) call.recorder?.entry.setStatus({ code: 2 });
  if (response.body === null || isBuffered(response)) {
    await end(begun, { ok: true });
    return withCorrelationId(response, call.correlationId);
  }
  try {
    const { status, statusText, headers, body } = response;
    const watched = onBodyEnd(body, call, (how) => endWithBody(begun, how));
    return withCorrelationId(new Response(watched, { status, statusText, headers }), call.correlationId);
  } catch {
    // A body that was read already, or a status that cannot be copied: the platform will say what it thinks of it.
    await end(begun, { ok: true });
    return response;
  }
}

/**
 * Whether the body is a string or bytes, as far as the runtime tells: Convex notes the length of such bodies on the
 * response, for `content-length` (`udf-runtime/src/23_response.ts`). They are not wrapped, or that header would be lost.
 */
function isBuffered(response: Response): boolean {
  return Object.getOwnPropertySymbols(response).some(
    (symbol) => symbol.description === "[[contentLength]]" && typeof Reflect.get(response, symbol) === "number",
  );
}

/** A handler that answers with an id of its own has its reasons; headers of some responses cannot be changed. */
function withCorrelationId(response: Response, id: string | undefined): Response {
  if (id === undefined || response.headers.has(CORRELATION_HEADER)) return response;
  try {
    response.headers.set(CORRELATION_HEADER, id);
  } catch {
    // Immutable, as those of a redirect are: the caller goes without it.
  }
  return response;
}

function responseAttributes({ status }: Response): Attributes {
  return {
    [names.HTTP_RESPONSE_STATUS_CODE]: status,
    [names.ERROR_TYPE]: status >= 500 ? String(status) : undefined,
  };
}

async function endWithBody(begun: BegunCall, how: BodyEnd): Promise<void> {
  if (how.type === "cancelled") begun.call.recorder?.entry.addEvent("response.cancelled");
  await end(begun, how.type === "failed" ? { ok: false, thrown: how.thrown } : { ok: true });
}

/** An HTTP action always knows its name and kind; only the request id comes from the platform. */
function end(begun: BegunCall, outcome: Outcome): Promise<void> {
  return endCall(begun, outcome, (recorder, metadata) =>
    recorder.entry.setAttributes({
      [names.CONVEX_REQUEST_ID]: metadata.requestId,
      [names.CONVEX_COMPONENT_PATH]: metadata.componentPath,
    }),
  );
}
