/**
 * The version of this package, read from its `package.json` when asked for: a copy in the code would have to be kept
 * in step with every release.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The version in the nearest `package.json` above this file, wherever the build has put it. */
export function packageVersion(from: string = import.meta.url): string {
  const file = fileURLToPath(new URL("package.json", from));
  if (existsSync(file)) return versionIn(JSON.parse(readFileSync(file, "utf8")));
  const parent = new URL("..", new URL(".", from)).href;
  return parent === new URL(".", from).href ? "unknown" : packageVersion(parent);
}

function versionIn(manifest: unknown): string {
  const known = typeof manifest === "object" && manifest !== null && "version" in manifest;
  return known && typeof manifest.version === "string" ? manifest.version : "unknown";
}
