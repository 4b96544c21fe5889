/** esbuild plugins of the lazy build: what stands in for source files that are evaluated at another time. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Plugin } from "esbuild";
import { compiledAtOnce } from "./compiledAtOnce.js";
import { RUN_AT_LOAD } from "./files.js";
import { exportedFunctions, importedFile } from "./sources.js";

/**
 * What an import of a file becomes: the file itself, an import from a lazy module that is evaluated by then
 * (`share entry`), or functions that forward to one that may not be (`call runtime`).
 */
export type Placement = (file: string) => "here" | `share ${string}` | `call ${string}`;

/**
 * What is used of lazy modules, under the names that it has there while they are built: two files may have functions of one
 * name. In the end all get short ones.
 */
export class Uses {
  readonly #files = new Map<string, string>();

  /** The name of what a file exports. */
  note(file: string, name: string): string {
    const long = `${basename(file, ".ts")}$${name}`;
    this.#files.set(long, file);
    return long;
  }

  /** The file of a name. */
  fileOf(long: string): string {
    const file = this.#files.get(long);
    if (file === undefined) throw new Error(`nothing has noted ${long}`);
    return file;
  }

  /** The names that are called in a text. */
  calledIn(text: string): string[] {
    return [...text.matchAll(/\.(\w+\$\w+)\(/g)].map(([, long = ""]) => long).filter((long) => this.#files.has(long));
  }

  /** A text with short names. */
  shortened(text: string): string {
    const names = [...this.#files.keys()].sort();
    return text.replace(/\b\w+\$\w+\b/g, (long) => {
      const index = names.indexOf(long);
      return index < 0 ? long : shortName(index);
    });
  }
}

/** `a` to `z`, then `a0`, `b0`, … */
function shortName(index: number): string {
  const letter = String.fromCharCode(97 + (index % 26));
  return index < 26 ? letter : `${letter}${(Math.floor(index / 26) - 1).toString(36)}`;
}

/**
 * Replaces files that are placed elsewhere: see {@link Placement}. `loader` is the text of a module that exports the
 * functions that evaluate lazy modules.
 */
export function placing(placement: Placement, loader: string, uses: Uses): Plugin {
  return {
    name: "placing",
    setup(setup) {
      setup.onResolve({ filter: /^\.\/lazy\.js$|^\.\/calls\.js$/ }, ({ path }) => ({ path, external: true }));
      setup.onResolve({ filter: /^lazy:loader$/ }, ({ path }) => ({ path, namespace: "loader" }));
      setup.onLoad({ filter: /.*/, namespace: "loader" }, () => ({ contents: loader, resolveDir: "/" }));
      setup.onResolve({ filter: /^[./]/ }, ({ path, importer, kind }) => {
        if (kind === "entry-point") return undefined;
        if (kind === "dynamic-import") return { path, external: true };
        const file = path.startsWith("/") ? path : importedFile(importer, path);
        const [how, module = ""] = placement(file).split(" ");
        if (how === "share") return { path: `${module}:${file}`, external: true };
        return { path: file, ...(how === "call" ? { namespace: module } : {}), sideEffects: false };
      });
      setup.onLoad({ filter: /.*/ }, ({ path, namespace }) =>
        namespace === "file" || namespace === "loader" ? undefined : forwarders(path, namespace, uses),
      );
    },
  };
}

function forwarders(file: string, module: string, uses: Uses): { contents: string } {
  const lines = exportedFunctions(file).map(
    (name) => `export const ${name} = (...args) => ${module}().${uses.note(file, name)}(...args);`,
  );
  return { contents: [`import { ${module} } from "lazy:loader";`, ...lines].join("\n") };
}

/** The same code with names as {@link Uses} has them in its imports from a lazy module. */
export function withNotedImports(code: string, uses: Uses): { readonly code: string; readonly imported: string[] } {
  const names: string[] = [];
  const noted = code.replace(
    /import\{([^}]*)\}from"(\w+):([^"]+)"/g,
    (_, list: string, module: string, file: string) => {
      const members = list.split(",").map((member) => {
        const [name = "", local = name] = member.split(" as ");
        const long = uses.note(file, name);
        names.push(long);
        return `${long} as ${local}`;
      });
      return `import{${members.join(",")}}from"${module}:"`;
    },
  );
  return { code: noted, imported: names };
}

/** Has functions that run at load compiled with their module. */
export const compiledAtLoad: Plugin = {
  name: "compiled-at-load",
  setup(setup) {
    setup.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const names = RUN_AT_LOAD.get(path);
      if (names === undefined) return undefined;
      return { contents: compiledAtOnce(readFileSync(path, "utf8"), names), loader: "ts" };
    });
  },
};
