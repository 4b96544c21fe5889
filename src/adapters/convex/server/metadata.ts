/**
 * What the platform tells about the running call (`ctx.meta`), read so that nothing of it can fail or delay the call:
 * each reading starts when asked for, is awaited only at the end, and is simply absent on backends that lack it.
 * `authToken`, which request metadata also holds, is never touched.
 */

/** Facts about the running call; each may be missing. */
export interface CallMetadata {
  readonly name?: string | undefined;
  readonly componentPath?: string | undefined;
  readonly requestId?: string | undefined;
  /** Set within a scheduled run: the job's id. */
  readonly scheduledFunctionId?: string | undefined;
  /** Whether the platform says so at all (convex 1.42 and later). */
  readonly tellsScheduled?: boolean;
  readonly deployment?: {
    readonly name?: string | undefined;
    readonly region?: string | undefined;
    readonly class?: string | undefined;
  };
}

type Reading = Promise<Record<string, unknown>>;
type Method = "getFunctionMetadata" | "getRequestMetadata" | "getDeploymentMetadata" | "getTransactionMetrics";

/** Readers of `ctx.meta` of one call. */
export class MetadataReader {
  readonly #meta: Record<string, unknown> | undefined;
  readonly #readings = new Map<Method, Reading>();

  constructor(ctx: object) {
    this.#meta = (ctx as { readonly meta?: Record<string, unknown> }).meta;
  }

  /** Starts a reading, once. The promise never rejects: an unhandled rejection would end the call. */
  read(method: Method): Reading {
    let reading = this.#readings.get(method);
    if (reading === undefined) {
      reading = this.#start(method).catch(() => ({}));
      this.#readings.set(method, reading);
    }
    return reading;
  }

  async #start(method: Method): Reading {
    const reader = this.#meta?.[method];
    if (typeof reader !== "function") return {};
    return ((await reader.call(this.#meta)) ?? {}) as Record<string, unknown>;
  }

  /** The function's own path. */
  async name(): Promise<string | undefined> {
    return functionPath((await this.read("getFunctionMetadata"))["name"]);
  }

  /** The id of the scheduled job this call belongs to. */
  async scheduledFunctionId(): Promise<string | undefined> {
    return text((await this.read("getRequestMetadata"))["scheduledFunctionId"]);
  }

  /** Everything the entry span and the resource want to know. */
  async all(): Promise<CallMetadata> {
    const [fn, request, deployment] = await Promise.all([
      this.read("getFunctionMetadata"),
      this.read("getRequestMetadata"),
      this.read("getDeploymentMetadata"),
    ]);
    return {
      name: functionPath(fn["name"]),
      componentPath: text(fn["componentPath"]),
      requestId: text(request["requestId"]),
      scheduledFunctionId: text(request["scheduledFunctionId"]),
      tellsScheduled: "scheduledFunctionId" in request,
      deployment: {
        name: text(deployment["name"]),
        region: text(deployment["region"]),
        class: text(deployment["class"]),
      },
    };
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

const DEFAULT_EXPORT = ":default";

/** Node actions name a default export `mod:default`, the other runtimes `mod`: one name for one function. */
function functionPath(name: unknown): string | undefined {
  const path = text(name);
  return path?.endsWith(DEFAULT_EXPORT) === true ? path.slice(0, -DEFAULT_EXPORT.length) : path;
}
