/** What functions ask of Convex, call by call: what is billed, and what can conflict. */
import { vi } from "vitest";

interface Host {
  asyncSyscall(name: string, args: string): Promise<string>;
}

/** Notes the syscalls while `run` runs, those of snapshot queries indented. */
export async function syscallsOf(run: () => Promise<unknown>): Promise<string[]> {
  const host = Reflect.get(globalThis, "Convex") as Host;
  const seen: string[] = [];
  let depth = 0;
  const asyncSyscall: Host["asyncSyscall"] = async (name, args) => {
    const { udfType, table } = JSON.parse(args) as { udfType?: string; table?: string };
    seen.push("  ".repeat(depth) + [name, udfType ?? table].filter(Boolean).join(" "));
    const isSnapshot = udfType === "snapshotQuery";
    if (isSnapshot) depth += 1;
    try {
      return await host.asyncSyscall(name, args);
    } finally {
      if (isSnapshot) depth -= 1;
    }
  };
  // Its members exist only while a function runs.
  const noting = new Proxy(host, {
    get: (target, name): unknown => (name === "asyncSyscall" ? asyncSyscall : Reflect.get(target, name)),
  });
  vi.stubGlobal("Convex", noting);
  await run();
  vi.unstubAllGlobals();
  return seen;
}
