/** The parts of convex-test that a function's operations end in. */

/** The ctx that convex-test gives to a handler, as far as it is used here. */
export interface HostContext {
  readonly auth?: { getUserIdentity(): Promise<unknown> };
  readonly runQuery?: RunFunction;
  readonly runMutation?: RunFunction;
  readonly runAction?: RunFunction;
}

type RunFunction = (reference: unknown, args: unknown) => Promise<unknown>;

/** The object behind the database and all else on `ctx`. */
export interface HostConvex {
  syscall(name: string, argsJson: string): string;
  asyncSyscall(name: string, argsJson: string): Promise<string>;
  jsSyscall(name: string, args: unknown): Promise<unknown>;
}

/** The one that convex-test has installed. */
export function hostConvex(): HostConvex {
  const convex: unknown = Reflect.get(globalThis, "Convex");
  if (!isHostConvex(convex)) throw new Error("convex-test is not running");
  return convex;
}

function isHostConvex(convex: unknown): convex is HostConvex {
  return typeof convex === "object" && convex !== null && "asyncSyscall" in convex;
}
