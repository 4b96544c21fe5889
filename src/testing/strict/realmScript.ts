/**
 * The part of the runtime that has to be made inside of a function's realm: its errors and promises must be that realm's
 * own. It is the counterpart of `npm-packages/udf-runtime/src` of get-convex/convex-backend, where `setup.ts` does the same.
 *
 * The text evaluates to `(host, options) => realm`. Only functions, numbers, strings and JSON text come in through `host`.
 */
import { TIME_ZONE } from "./realmTimeZone.js";

const ERRORS = `
  const ERRORS = { Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError };
  const errorOf = ({ name, message, dataJson }) => {
    const error = new (Object.hasOwn(ERRORS, name) ? ERRORS[name] : Error)(message);
    if (dataJson !== undefined) error.data = JSON.parse(dataJson);
    return error;
  };
  const ordinary = Function.prototype[Symbol.hasInstance];
  // Web classes such as URL are the outside's, and so are the errors they throw.
  for (const [name, Class] of Object.entries(ERRORS)) {
    Object.defineProperty(Class, Symbol.hasInstance, {
      value(value) { return ordinary.call(this, value) || (this === Class && host.isInstance(name, value)); },
    });
  }
  const missing = (operation, className) => { throw errorOf(host.killAsMissing(operation, className)); };
  const promised = (start) =>
    new Promise((resolve, reject) => start(resolve, (failure) => reject(errorOf(failure))));
`;

const TIME = `
  const OriginalDate = Date;
  let parse = OriginalDate.parse;
  let construct = (args) => new OriginalDate(...args);
  ${TIME_ZONE}
  // Always an instance of the original, as in setup.ts: subclasses of Date lose their methods.
  function ConvexDate(...args) {
    if (!(this instanceof ConvexDate)) return new ConvexDate().toString();
    return args.length === 0 ? new OriginalDate(host.date()) : construct(args);
  }
  ConvexDate.now = () => host.date();
  ConvexDate.parse = parse;
  ConvexDate.UTC = OriginalDate.UTC;
  ConvexDate.prototype = OriginalDate.prototype;
  Object.defineProperty(ConvexDate, "name", { value: "Date" });
  OriginalDate.prototype.constructor = ConvexDate;
  define("Date", ConvexDate);
  if (options.performance) {
    const entries = [];
    const startOf = (mark) => {
      if (typeof mark !== "string") return mark;
      const entry = entries.findLast((known) => known.name === mark && known.entryType === "mark");
      if (entry === undefined) throw new SyntaxError('Cannot find mark: "' + mark + '"');
      return entry.startTime;
    };
    const add = (entry) => { entries.push(entry); return entry; };
    define("performance", {
      now: () => host.performanceNow(),
      get timeOrigin() { return host.timeOrigin(); },
      get eventCounts() { return missing("get eventCounts", "Performance"); },
      get navigation() { return missing("get navigation", "Performance"); },
      get timing() { return missing("get timing", "Performance"); },
      toJSON: () => ({ timeOrigin: host.timeOrigin() }),
      mark: (name, { startTime = host.performanceNow(), detail = null } = {}) =>
        add({ name, entryType: "mark", startTime, duration: 0, detail }),
      measure: (name, from, to) => {
        const given = typeof from === "object" && from !== null ? from : { start: from, end: to };
        const endTime = given.end === undefined ? host.performanceNow() : startOf(given.end);
        const startTime = given.start === undefined ? 0 : startOf(given.start);
        const detail = given.detail ?? null;
        return add({ name, entryType: "measure", startTime, duration: endTime - startTime, detail });
      },
      getEntries: () => [...entries],
      getEntriesByName: (name, type) =>
        entries.filter((entry) => entry.name === name && (type === undefined || entry.entryType === type)),
      getEntriesByType: (type) => entries.filter((entry) => entry.entryType === type),
    });
  }
`;

const RANDOM = `
  Math.random = () => host.random();
  const subtle = {};
  for (const name of host.subtleMethods) {
    subtle[name] = (...args) => promised((resolve, reject) => host.subtle(name, args, resolve, reject));
  }
  for (const name of ["wrapKey", "unwrapKey"]) subtle[name] = async () => missing(name, "SubtleCrypto");
  define("crypto", {
    subtle,
    randomUUID: () => host.randomUUID(),
    getRandomValues: (array) => {
      const failure = host.fillRandom(array);
      if (failure !== undefined) throw errorOf(failure);
      return array;
    },
  });
`;

const PROCESS = `
  define("process", {
    env: new Proxy({}, {
      get: (target, name) => {
        if (typeof name !== "string") return Reflect.get(target, name);
        const value = host.env(name);
        return value === undefined && name === "inspect" ? () => "[process.env]" : value;
      },
    }),
  });
`;

const CONSOLE = `
  const console = {};
  for (const [method, level] of [["debug", "DEBUG"], ["error", "ERROR"], ["info", "INFO"], ["log", "LOG"], ["warn", "WARN"]]) {
    console[method] = (...args) => host.print(level, args);
  }
  Object.defineProperty(console, Symbol.toStringTag, { value: "console" });
  console.trace = (...args) => host.trace(args, new Error().stack);
  for (const method of ["time", "timeLog", "timeEnd"]) {
    console[method] = (label = "default", ...args) => host.stopwatch(method, String(label), args);
  }
  define("console", console);
`;

// A timer where none is allowed is a promise that is rejected and that nobody has: 02_timers.ts.
const TIMERS_AND_FETCH = `
  const refused = (name) => errorOf({ name: "Error", message: host.refusal(name) });
  let lastRefused = 0;
  const timer = (name, repeat) => (callback, delay, ...args) => {
    if (typeof callback === "string") missing("code string argument", name);
    if (host.refusal(name) === undefined) return host.startTimer(() => callback(...args), Number(delay) || 0, repeat);
    host.date();
    void Promise.reject(refused(name));
    return (lastRefused += 1);
  };
  define("setTimeout", timer("setTimeout", false));
  define("setInterval", timer("setInterval", true));
  define("clearTimeout", (id) => host.stopTimer(id));
  define("clearInterval", (id) => host.stopTimer(id));
  // On a deployment it is made of a timer, so it ends queries and mutations: 03_abort_signal.ts.
  const timeoutSignal = (delay) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new DOMException("signal timed out", "TimeoutError")), delay);
    return controller.signal;
  };
  define("AbortSignal", new Proxy(AbortSignal, {
    get: (target, name) => (name === "timeout" ? timeoutSignal : Reflect.get(target, name)),
  }));
  define("fetch", (...args) => {
    if (host.refusal("fetch()") !== undefined) return Promise.reject(refused("fetch()"));
    return promised((resolve, reject) => host.fetch(args, resolve, reject));
  });
`;

// Garbage collection must not be seen: setup.ts.
const WEAK_REFERENCES = `
  const needObject = (what, value) => {
    if (Object(value) !== value && typeof value !== "symbol") throw new TypeError(what + " must be an object");
  };
  class WeakRef {
    #target;
    constructor(target) { needObject("target", target); this.#target = target; }
    deref() { return this.#target; }
    get [Symbol.toStringTag]() { return "WeakRef"; }
  }
  class FinalizationRegistry {
    constructor(cleanup) { if (typeof cleanup !== "function") throw new TypeError("cleanup must be callable"); }
    register(target) { needObject("target", target); }
    unregister(token) { needObject("unregisterToken", token); }
    get [Symbol.toStringTag]() { return "FinalizationRegistry"; }
  }
  define("WeakRef", WeakRef);
  define("FinalizationRegistry", FinalizationRegistry);
`;

const SYSCALLS = `
  const sync = (run) => {
    const { value, failure } = run();
    if (failure !== undefined) throw errorOf(failure);
    return value;
  };
  define("Convex", {
    syscall: (name, json) => sync(() => host.syscall(name, json)),
    asyncSyscall: (name, json) => promised((resolve, reject) => host.asyncSyscall(name, json, resolve, reject)),
    jsSyscall: (name, args) => promised((resolve, reject) => host.jsSyscall(name, args, resolve, reject)),
  });
`;

/** The script. */
export const REALM_SCRIPT = `(host, options) => {
  "use strict";
  const define = (name, value) =>
    Object.defineProperty(globalThis, name, { value, writable: true, enumerable: false, configurable: true });
  ${[ERRORS, TIME, RANDOM, PROCESS, CONSOLE, TIMERS_AND_FETCH, WEAK_REFERENCES, SYSCALLS].join("")}
  define("self", globalThis);
  return { errorOf, promisePrototype: Promise.prototype };
}`;
