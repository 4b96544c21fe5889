/** What there must be one of in a process, whichever copy of this library asks: ESM, CommonJS, or one bundled into an app. */

/** State of all instrumented drivers of the process. */
interface SqlState {
  /** Clients, pools and databases that are instrumented. */
  readonly instrumented: WeakSet<object>;
  /** True while a pool hands a statement that is seen already to one of its connections. */
  isInside: boolean;
}

const STATE = Symbol.for("convex-otel.sql.v1");

function state(): SqlState {
  return ((globalThis as { [STATE]?: SqlState })[STATE] ??= { instrumented: new WeakSet(), isInside: false });
}

/** True the first time that it is asked about an object. */
export function claim(target: object): boolean {
  const { instrumented } = state();
  if (instrumented.has(target)) return false;
  instrumented.add(target);
  return true;
}

/** Whether what is called now is part of a statement that is seen already. */
export function isInside(): boolean {
  return state().isInside;
}

/** Runs `fn`, whose synchronous part is part of a statement that is seen already. */
export function inside<T>(fn: () => T): T {
  return within(true, fn);
}

/** Runs code of the program, which a driver may call in the middle of a statement. */
export function outside<T>(fn: () => T): T {
  return within(false, fn);
}

function within<T>(isInsideNow: boolean, fn: () => T): T {
  const shared = state();
  const before = shared.isInside;
  shared.isInside = isInsideNow;
  try {
    return fn();
  } finally {
    shared.isInside = before;
  }
}
