/** What an app hands to the outbox, taken down at the moment it does: what a backend must have in the end. */
import { vi } from "vitest";
import { joinTexts } from "../../src/otlp/encode.js";
import { decodeOtlp, type DecodedSpan } from "../../src/testing/decodeOtlp.js";

interface Host {
  asyncSyscall(name: string, args: string): Promise<string>;
}

/** Listens from now on, until `vi.unstubAllGlobals`. The backend has to be started already. */
export function recordedSpans(): { readonly spans: readonly DecodedSpan[] } {
  const host = Reflect.get(globalThis, "Convex") as Host;
  const spans: DecodedSpan[] = [];
  const asyncSyscall: Host["asyncSyscall"] = (name, args) => {
    if (name === "1.0/insert") {
      const { table, value } = JSON.parse(args) as { readonly table: string; readonly value: { text: string } };
      if (table === "texts") spans.push(...decodeOtlp(joinTexts([value.text])));
    }
    return host.asyncSyscall(name, args);
  };
  // Its members exist only while a function runs.
  const listening = new Proxy(host, {
    get: (target, name): unknown => (name === "asyncSyscall" ? asyncSyscall : Reflect.get(target, name)),
  });
  vi.stubGlobal("Convex", listening);
  return { spans };
}
