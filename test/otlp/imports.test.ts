import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const SRC = fileURLToPath(new URL("../../src", import.meta.url));

/** Files reached from `entry` by static imports of values, as paths below `src`. */
function reached(entry: string): Set<string> {
  const seen = new Set<string>();
  const queue = [join(SRC, entry)];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const source = readFileSync(file, "utf8");
    for (const [, clause, from] of source.matchAll(/^(?:import|export) ([^;]*?)from "([^"]+)"/gm)) {
      if (from === undefined || !from.startsWith(".") || isTypeOnly(clause ?? "")) continue;
      queue.push(resolve(dirname(file), from.replace(/\.js$/, ".ts")));
    }
  }
  return new Set([...seen].map((file) => file.slice(SRC.length + 1)));
}

function isTypeOnly(clause: string): boolean {
  if (clause.startsWith("type ")) return true;
  const names = /\{([^}]*)\}/
    .exec(clause)?.[1]
    ?.split(",")
    .filter((name) => name.trim() !== "");
  return names !== undefined && names.every((name) => name.trim().startsWith("type "));
}

describe("what convex-otel/otlp loads", () => {
  it("leaves the transport and what only sending needs to import()", () => {
    const files = reached("otlp/index.ts");
    expect(files).toContain("otlp/exporter.ts");
    for (const file of ["transport", "delivery", "send", "environment", "deadline", "response"]) {
      expect(files, file).not.toContain(`otlp/${file}.ts`);
    }
    expect(reached("otlp/delivery.ts")).toContain("otlp/transport.ts");
  });

  it.each(["otlp/index.ts", "otlp/delivery.ts", "adapters/convex/server/index.ts", "index.ts"])(
    "keeps protobuf, which servers send, out of what %s loads",
    (entry) => {
      const files = [...reached(entry)];
      expect(files).toContain(entry);
      expect(files.filter((file) => file.startsWith("otlp/protobuf/"))).toEqual([]);
    },
  );

  it("encodes without anything of a platform", () => {
    const platform =
      /\b(node:|process\.|setTimeout|setInterval|Date\.|performance\.|Math\.random|crypto\.|console\.|fetch\()/;
    for (const file of reached("otlp/encode.ts")) {
      expect(readFileSync(join(SRC, file), "utf8").replace(/\/\*\*[\s\S]*?\*\//g, ""), file).not.toMatch(platform);
    }
  });

  it("names its only dynamic import in exporterCalls.ts", () => {
    const files = readdirSync(join(SRC, "otlp"), { recursive: true, encoding: "utf8" }).filter((f) =>
      f.endsWith(".ts"),
    );
    const dynamic = files.filter((file) => /await import\(/.test(readFileSync(join(SRC, "otlp", file), "utf8")));
    expect(dynamic).toEqual(["exporterCalls.ts"]);
  });
});
