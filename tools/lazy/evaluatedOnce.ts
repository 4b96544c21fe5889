/**
 * Makes functions of bundled modules: called when something of a module is first needed, such a function evaluates it and
 * returns what it exports. So the code is there, in the file that a Convex module imports, and costs next to nothing
 * before; unlike a module of its own that `import()` loads, it also works in mutations, where Convex rejects that.
 */
import ts from "typescript";
import { functionValue, PURE, withoutName, withoutNestedNames } from "./unnamed.js";

/** Declares the function that makes such a function: of one that evaluates a module. */
const DECLARE_ONCE = "var once=(0,(function(build){let exports;return()=>exports??=build()}));";

/** A bundled module that is to be evaluated once, when it is first needed. */
export interface LazyModule {
  /** The function that returns its exports. */
  readonly name: string;
  readonly code: string;
}

/** Imports from another of these modules, `entry:`, and of the functions that evaluate them. */
const OTHER_MODULE = /^(\w+):$/;
const FUNCTIONS = "./lazy.js";

/** One module that exports a function for each of the lazy ones. */
export function evaluatedOnce(modules: readonly LazyModule[]): string {
  const parts = modules.map(({ code }) => takeApart(code));
  const functions = modules.map(({ name }, index) => `export var ${name}=${PURE}once(${parts[index]?.build});`);
  const imports = parts.flatMap((part) => part.imports).join("");
  return imports + DECLARE_ONCE + withoutNestedNames(functions.join(""));
}

/** The statements of a bundled module, in a function that returns its exports. */
function takeApart(code: string): { readonly imports: readonly string[]; readonly build: string } {
  const file = ts.createSourceFile("lazy.js", code, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const imports: string[] = [];
  const functions: ts.FunctionDeclaration[] = [];
  const members: string[] = [];
  const shared = new Map<string, string[]>();
  let aliases = "";
  let rest = "";
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement)) {
      const [, module] = OTHER_MODULE.exec(specifier(statement)) ?? [];
      if (module !== undefined) shared.set(module, [...(shared.get(module) ?? []), ...bindings(statement).map(pair)]);
      else if (specifier(statement) === FUNCTIONS) {
        for (const [imported, local] of bindings(statement).filter(([, local]) => isCalled(local, code)))
          aliases += `let ${local}=${imported};`;
      } else imports.push(statement.getText(file));
    } else if (ts.isExportDeclaration(statement)) members.push(...exportedMembers(statement));
    else if (ts.isFunctionDeclaration(statement)) functions.push(statement);
    else rest += withoutClassName(statement, file);
  }
  // As declarations they are hoisted, so they go first.
  const sharing = [...shared].map(([module, pairs]) => `let{${pairs.join(",")}}=${module}();`).join("");
  const values = functions
    .map((declaration) => `${declaration.name?.text}=${functionValue(declaration, file)}`)
    .join(",");
  return {
    imports,
    // `import { a as b } from "entry:"` becomes `let { a: b } = entry();`.
    build: `function(){${aliases}${sharing}let ${values};${rest}return{${members.join(",")}}}`,
  };
}

function specifier({ moduleSpecifier }: ts.ImportDeclaration): string {
  return ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : "";
}

/** Whether a name is called. One that is not must not be mentioned either, or the part it stands for could not be dropped. */
function isCalled(name: string, code: string): boolean {
  return new RegExp(`(?<![\\w$.])${name.replaceAll("$", "\\$")}\\(`).test(code);
}

/** The names that are imported, each with its local one. */
function bindings(declaration: ts.ImportDeclaration): (readonly [imported: string, local: string])[] {
  const named = declaration.importClause?.namedBindings;
  if (named === undefined || !ts.isNamedImports(named)) throw new Error("an import without names");
  return named.elements.map(({ name, propertyName }) => [(propertyName ?? name).text, name.text]);
}

function pair([imported, local]: readonly [string, string]): string {
  return `${imported}:${local}`;
}

function exportedMembers({ exportClause }: ts.ExportDeclaration): string[] {
  if (exportClause === undefined || !ts.isNamedExports(exportClause)) throw new Error("an export without names");
  return exportClause.elements.map(({ name, propertyName }) => `${name.text}:${(propertyName ?? name).text}`);
}

/** `class A {}` becomes `let A = class {};`. */
function withoutClassName(statement: ts.Statement, file: ts.SourceFile): string {
  if (!ts.isClassDeclaration(statement) || statement.name === undefined) return statement.getText(file);
  return `let ${statement.name.text}=${withoutName(statement, file)};`;
}
