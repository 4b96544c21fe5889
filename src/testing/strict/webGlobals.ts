/**
 * The web APIs of Convex's runtime, taken from Node.js. What is not here does not exist there: no `Buffer`, `queueMicrotask`,
 * `setImmediate` or `navigator`. Sources: https://docs.convex.dev/functions/runtimes#supported-apis and
 * `npm-packages/udf-runtime/src/setup.ts` of get-convex/convex-backend.
 */
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";

const SHARED = (
  "AbortController AbortSignal Blob CryptoKey DOMException Event EventTarget File FormData Headers ReadableStream " +
  "ReadableStreamBYOBReader ReadableStreamDefaultReader Response TextDecoder TextEncoder TransformStream " +
  "URLSearchParams WritableStream WritableStreamDefaultWriter atob btoa"
).split(" ");

// Bytes are handed to and fro by these APIs, so both sides need the same classes for `instanceof` to hold.
const BINARY = (
  "ArrayBuffer BigInt64Array BigUint64Array DataView Float32Array Float64Array Int16Array Int32Array Int8Array " +
  "Uint16Array Uint32Array Uint8Array Uint8ClampedArray"
).split(" ");

/** What a call needs of the web APIs. */
export interface WebGlobalsOptions {
  readonly asyncLocalStorage: boolean;
  /** Ends the call, for what ends it on a deployment. Gives the error to throw. */
  readonly kill: (message: string) => Error;
  /** Runs something when the call has ended. */
  readonly onEnd: (cleanup: () => void) => void;
}

/** The globals for one realm. */
export function webGlobals({ asyncLocalStorage, kill, onEnd }: WebGlobalsOptions): Record<string, unknown> {
  const present = [...SHARED, ...BINARY].filter((name) => name in globalThis);
  return {
    ...Object.fromEntries(present.map((name) => [name, Reflect.get(globalThis, name)])),
    ...(asyncLocalStorage ? asyncHooks(onEnd) : {}),
    URL: urlClass(kill),
    structuredClone: (value: unknown, options?: StructuredSerializeOptions) => {
      if (options?.transfer === undefined) return structuredClone(value);
      throw kill("Not implemented: structuredClone with transfer");
    },
  };
}

/**
 * Subclasses, so that what a function does to the classes stays in its realm. Node.js 20 visits every storage that was ever used, at
 * each promise: those of a call that has ended are taken out.
 */
function asyncHooks(onEnd: WebGlobalsOptions["onEnd"]): Record<string, unknown> {
  return {
    AsyncLocalStorage: class extends AsyncLocalStorage<unknown> {
      constructor() {
        super();
        onEnd(() => this.disable());
      }
    },
    AsyncResource: class extends AsyncResource {},
  };
}

/** `throwNotImplementedMethodError` in `npm-packages/udf-runtime/src/helpers.ts`. */
export function notImplemented(operation: string, className: string): string {
  return (
    `Not implemented: ${operation} for ${className}. Consider calling an action defined in Node.js instead ` +
    "(https://docs.convex.dev/functions/actions)."
  );
}

/** A `URL` whose missing setters end the call: 00_url.ts. */
function urlClass(kill: (message: string) => Error): typeof URL {
  const ConvexURL = class extends URL {};
  for (const name of ["host", "password", "username"]) {
    const get: unknown = Reflect.get(Object.getOwnPropertyDescriptor(URL.prototype, name) ?? {}, "get");
    Object.defineProperty(ConvexURL.prototype, name, {
      get: get as () => string,
      set: () => {
        throw kill(notImplemented(`set ${name}`, "URL"));
      },
    });
  }
  Object.defineProperty(ConvexURL, "name", { value: "URL" });
  return ConvexURL;
}

/** Those in 23_request.ts. */
const MISSING_GETTERS = (
  "cache credentials destination duplex integrity isHistoryNavigation isReloadNavigation keepalive mode redirect " +
  "referrer referrerPolicy"
).split(" ");

/** A `Request` whose missing properties end the call when they are read. */
export function requestClass(kill: (message: string) => Error): typeof Request {
  const ConvexRequest = class extends Request {};
  for (const name of MISSING_GETTERS) {
    Object.defineProperty(ConvexRequest.prototype, name, {
      get: () => {
        throw kill(notImplemented(`get ${name}`, "Request"));
      },
    });
  }
  Object.defineProperty(ConvexRequest, "name", { value: "Request" });
  return ConvexRequest;
}
