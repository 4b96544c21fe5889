/**
 * The built-in modules of Node.js, as modules with `"use node"` may see them during a check: without a network, without
 * other processes, without writing files.
 *
 * This contains accidents, not attacks: it runs the app's own code, on the machine of whoever wrote it.
 */
import fs from "node:fs";
import { createRequire } from "node:module";

import { denied, withDenied } from "./denied.js";
import { inertTimerPromises, inertTimers } from "./timers.js";

const HARMLESS = new Set(
  (
    "assert assert/strict async_hooks buffer console constants crypto diagnostics_channel events os path path/posix " +
    "path/win32 perf_hooks punycode querystring readline stream stream/consumers stream/promises stream/web " +
    "string_decoder sys tty url util util/types v8 vm zlib"
  ).split(" "),
);

// Classes such as http.Agent stay real: libraries configure them at module level, and they connect only when used.
const CONNECTING: Readonly<Record<string, RegExp>> = {
  http: /^(request|get|createServer|Server|ClientRequest)$/,
  https: /^(request|get|createServer|Server)$/,
  http2: /^(connect|create.*Server|performServerHandshake)$/,
  net: /^(connect|createConnection|createServer|Server|Socket|Stream)$/,
  tls: /^(connect|createServer|Server|TLSSocket)$/,
  dgram: /./,
  dns: /./,
  "dns/promises": /./,
  child_process: /./,
  cluster: /./,
  worker_threads: /^Worker$/,
};

const READING =
  /^(access|exists|f?stat|lstat|read|realpath|opendir|createReadStream|close|promises|Stats|Dir|ReadStream)/;

/** Gives a module its `require`. Throws for what is neither a harmless built-in nor an external package. */
export type Require = ((specifier: string) => unknown) & { readonly resolve: (specifier: string) => string };

/**
 * Makes the `require` of modules for Node.js.
 *
 * @param process - What `node:process` is.
 * @param external - Gives the stand-in of a package that is not bundled, or undefined if there is none by that name.
 */
export function nodeRequire(process: object, external: (specifier: string) => unknown): Require {
  const cache = new Map<string, unknown>();
  const load = (specifier: string): unknown => {
    const name = specifier.replace(/^node:/, "");
    if (!cache.has(name)) cache.set(name, builtin(name, process, require) ?? external(specifier));
    const loaded = cache.get(name);
    if (loaded === undefined) throw new Error(`Cannot load "${specifier}" while modules are evaluated for a check`);
    return loaded;
  };
  const require: Require = Object.assign(load, { resolve: (specifier: string) => specifier });
  return require;
}

const hostRequire = createRequire(import.meta.url);

function builtin(name: string, process: object, require: Require): unknown {
  if (HARMLESS.has(name)) return hostRequire(`node:${name}`);
  const connecting = CONNECTING[name];
  if (connecting !== undefined) return withoutConnecting(name, connecting);
  switch (name) {
    case "fs":
      return { ...readOnly("fs", fs), promises: readOnly("fs.promises", fs.promises) };
    case "fs/promises":
      return readOnly("fs.promises", fs.promises);
    case "module":
      return { createRequire: () => require, builtinModules: [], register: denied("module.register") };
    case "process":
      return process;
    case "timers":
      return inertTimers();
    case "timers/promises":
      return inertTimerPromises();
    default:
      return undefined;
  }
}

function withoutConnecting(name: string, connecting: RegExp): unknown {
  const real: unknown = hostRequire(`node:${name}`);
  return typeof real === "object" && real !== null ? withDenied(name, real, (member) => connecting.test(member)) : real;
}

function readOnly(name: string, real: object): Record<string, unknown> {
  return withDenied(name, real, (member) => !READING.test(member));
}
