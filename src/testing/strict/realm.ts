/** A fresh realm for one call: a V8 context in which only the globals of Convex's runtime exist. */
import path from "node:path";
import vm from "node:vm";

import type { StrictScripts } from "./compile.js";
import type { Failure } from "./failure.js";
import { isTransactional } from "./observation.js";
import { realmHost, type RealmPorts } from "./realmHost.js";
import { REALM_SCRIPT } from "./realmScript.js";
import { isOutsideUtc } from "./realmTimeZone.js";
import { ownRejections } from "./rejections.js";
import { requestClass, webGlobals } from "./webGlobals.js";

/** A realm. */
export interface Realm {
  /** Evaluates a file of the bundle, once, and gives its exports. Throws what it throws. */
  load(file: string): Readonly<Record<string, unknown>>;
  /** A request as an object of the realm. */
  request(outside: Request): Request;
}

/** Globals of V8 that Convex's runtime does not have, or has in a form of its own. */
const NOT_THERE = ["SharedArrayBuffer", "Atomics", "console"];

const bootScript = new vm.Script(REALM_SCRIPT, { filename: "convex:/runtime" });

interface Boot {
  readonly errorOf: (failure: Failure) => Error;
  readonly promisePrototype: object;
}

/** Makes the realm of a call. */
export function createRealm(scripts: StrictScripts, ports: RealmPorts): Realm {
  const { execution, settings } = ports;
  const { performance, asyncLocalStorage } = settings.backend;
  const kill = (message: string): Error => execution.kill(new Error(message));
  const RealmRequest = requestClass(kill);
  const sandbox = {
    ...webGlobals({ asyncLocalStorage, kill, onEnd: (cleanup) => execution.onEnd(cleanup) }),
    Request: RealmRequest,
  };
  // `eval` and `new Function` are disabled.
  const context = vm.createContext(sandbox, { codeGeneration: { strings: false, wasm: true } });
  vm.runInContext(NOT_THERE.map((name) => `delete globalThis.${name};`).join(""), context);
  const boot = bootScript.runInContext(context) as (host: object, options: object) => Boot;
  const { errorOf, promisePrototype } = boot(realmHost(ports), { performance, outsideUtc: isOutsideUtc() });
  ownRejections(promisePrototype, (reason) => void execution.kill(reason));
  return {
    load: moduleLoader(scripts, context, ports, errorOf),
    request: (outside) => new RealmRequest(outside),
  };
}

type ModuleFunction = (exports: object, require: (specifier: string) => object, module: object) => void;

// A CommonJS loader over the files of the bundle.
function moduleLoader(
  scripts: StrictScripts,
  context: vm.Context,
  { execution: { call } }: RealmPorts,
  errorOf: Boot["errorOf"],
): Realm["load"] {
  const loaded = new Map<string, { exports: Record<string, unknown> }>();
  let evaluating = 0;
  const load = (file: string): Record<string, unknown> => {
    const known = loaded.get(file);
    if (known !== undefined) return known.exports;
    const script = scripts.get(file);
    if (script === undefined) throw errorOf({ name: "TypeError", message: `Couldn't resolve import of ${file}` });
    const module = { exports: {} };
    loaded.set(file, module);
    evaluating += 1;
    try {
      const evaluate = script.runInContext(context) as ModuleFunction;
      evaluate(module.exports, (specifier) => require(file, specifier), module);
    } finally {
      evaluating -= 1;
    }
    return module.exports;
  };
  const require = (file: string, specifier: string): object => {
    // Static imports come first in a file; what comes while none is evaluated was an `import()`.
    if (evaluating === 0 && isTransactional(call.type)) {
      throw errorOf({ name: "TypeError", message: "dynamic module import unsupported" });
    }
    if (!specifier.startsWith(".")) {
      throw errorOf({ name: "Error", message: `Dynamic require of "${specifier}" is not supported` });
    }
    return load(path.posix.join(path.posix.dirname(file), specifier));
  };
  return load;
}
