/** The source files, as the lazy build looks at them. */
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import ts from "typescript";

const sources = resolve(import.meta.dirname, "../../src");

/** A file below `src`. */
export function source(path: string): string {
  return join(sources, path);
}

/** The file that an import means. */
export function importedFile(importer: string, specifier: string): string {
  return join(dirname(importer), specifier).replace(/\.js$/, ".ts");
}

/** Names of the functions a file declares and exports. */
export function exportedFunctions(file: string): string[] {
  const parsed = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022);
  return parsed.statements.flatMap((statement) =>
    ts.isFunctionDeclaration(statement) &&
    statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) &&
    statement.name !== undefined &&
    statement.body !== undefined
      ? [statement.name.text]
      : [],
  );
}
