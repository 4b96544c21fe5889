/** Which files of a bundle are loaded with a module, by the static imports that esbuild prints. */
import { posix } from "node:path";

const STATIC_IMPORT = /(?:^|;|\n)\s*(?:import|export)\b[^;()]*?"(\.[^"]+)"/g;

/** The module itself and all files that it imports statically, directly or not. */
export function staticImports(files: ReadonlyMap<string, string>, entry: string): readonly string[] {
  const seen = new Set([entry]);
  for (const file of seen) {
    const text = files.get(file);
    if (text === undefined) throw new Error(`The bundle has no file ${file}.`);
    for (const [, from = ""] of text.matchAll(STATIC_IMPORT)) seen.add(posix.join(posix.dirname(file), from));
  }
  return [...seen];
}
