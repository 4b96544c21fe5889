/**
 * Puts functions into parentheses, which V8 takes as the sign that they will be called and compiles them together with
 * the module. So they are in the code cache that Convex keeps of a module, and are not compiled again on every call.
 *
 * esbuild keeps such parentheses (since 0.25.6), prettier does not: hence this is done here and not in the source. Only
 * functions that every evaluation runs: what is in the cache has to be read on every evaluation.
 */
import ts from "typescript";
import { applyEdits, type Edit } from "./edits.js";

/** A source file with the functions of the given names, and those they return, marked to be compiled at once. */
export function compiledAtOnce(source: string, names: readonly string[]): string {
  const file = ts.createSourceFile("eager.ts", source, ts.ScriptTarget.Latest, true);
  const edits = names.flatMap((name) => {
    const declarations = file.statements
      .filter((statement) => ts.isFunctionDeclaration(statement))
      .filter((declaration) => declaration.name?.text === name);
    const [declaration] = declarations;
    if (declaration?.body === undefined || declarations.length !== 1) {
      throw new Error(`there is no function ${name}, or it has overloads`);
    }
    return [...asExpression(declaration, file), ...returned(declaration.body)];
  });
  return applyEdits(source, edits);
}

/** `export function f() {}` becomes `export const f = (function () {});`. */
function asExpression(declaration: ts.FunctionDeclaration, file: ts.SourceFile): Edit[] {
  const { name, modifiers, body } = declaration;
  if (name === undefined || body === undefined) return [];
  const has = (kind: ts.SyntaxKind) => modifiers?.some((modifier) => modifier.kind === kind) === true;
  const exported = has(ts.SyntaxKind.ExportKeyword) ? "export " : "";
  const asynchronous = has(ts.SyntaxKind.AsyncKeyword) ? "async " : "";
  const head = `${exported}const ${name.text} = (${asynchronous}function `;
  return [
    { start: declaration.getStart(file), end: name.end, text: head },
    { start: declaration.end, end: declaration.end, text: ");" },
  ];
}

/** `return (a) => b` becomes `return (function (a) { return b; })`: older versions of V8 do it for that form only. */
function returned(body: ts.Block): Edit[] {
  return body.statements.filter(ts.isReturnStatement).flatMap(({ expression }) => {
    if (expression === undefined || !ts.isArrowFunction(expression)) return [];
    const { body: inner, equalsGreaterThanToken: arrow, modifiers } = expression;
    if (modifiers !== undefined) throw new Error("an async arrow function is not expected here");
    const isBlock = ts.isBlock(inner);
    return [
      { start: expression.getStart(), end: expression.getStart(), text: "(function " },
      { start: arrow.getStart(), end: arrow.end, text: isBlock ? "" : "{ return (" },
      { start: expression.end, end: expression.end, text: isBlock ? ")" : "); })" },
      ...(isBlock ? returned(inner) : []),
    ];
  });
}
