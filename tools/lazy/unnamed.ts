/**
 * Rewrites minified code so that a bundler with esbuild's `keepNames`, as Convex's is, finds no name to keep. It would
 * print a call for each function and class with a name: 25 bytes, and a microsecond whenever the code is evaluated.
 *
 * A function gets a name where it is declared, and where it initializes a variable or a property. It gets none as a
 * method, nor behind a comma: `let a = (0, () => 1)` is anonymous by the standard. esbuild drops the comma again when it has
 * decided that, so nothing is left of it.
 */
import ts from "typescript";
import { applyEdits, type Edit } from "./edits.js";

/** Lets what nobody uses be dropped. */
export const PURE = "/* @__PURE__ */";

/** A module without names that would be kept. What of it is not used can still be dropped. */
export function withoutNames(code: string): string {
  return withoutDeclarations(withoutNestedNames(code));
}

/** Declarations become variables, in their order: nothing may be called before its place. */
function withoutDeclarations(code: string): string {
  const file = parse(code);
  const edits = file.statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement)) return asPure(statement);
    if (!ts.isFunctionDeclaration(statement) && !ts.isClassDeclaration(statement)) return [];
    const { name } = statement;
    if (name === undefined) return [];
    const before = code.slice(statement.getStart(file), name.getStart(file)).trimEnd();
    return [
      { start: statement.getStart(file), end: name.end, text: `var ${name.text}=(0,${before}` },
      { start: statement.end, end: statement.end, text: ");" },
    ];
  });
  return applyEdits(code, edits);
}

/**
 * The declaration as a function without a name: as an arrow function, which is shorter, if it is one short expression. V8
 * skips through the bodies of other functions until they are called, but reads an arrow function to its end.
 */
export function functionValue(declaration: ts.FunctionDeclaration, file: ts.SourceFile): string {
  const { asteriskToken, body, modifiers, parameters } = declaration;
  const [statement, ...more] = body?.statements ?? [];
  const isShort = statement !== undefined && ts.isReturnStatement(statement) && statement.end - statement.pos < SHORT;
  if (!isShort || more.length > 0 || asteriskToken !== undefined || usesThis(declaration)) {
    return withoutName(declaration, file);
  }
  const isAsync = modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) === true;
  const params = parameters.map((parameter) => parameter.getText(file)).join(",");
  return `${isAsync ? "async" : ""}(${params})=>{${statement.getText(file)}}`;
}

/** Characters. */
const SHORT = 120;

/** The declaration as an expression without its name. */
export function withoutName(declaration: ts.FunctionDeclaration | ts.ClassDeclaration, file: ts.SourceFile): string {
  const { name } = declaration;
  const text = declaration.getText(file);
  if (name === undefined) return text;
  const start = declaration.getStart(file);
  return text.slice(0, name.getStart(file) - start).trimEnd() + text.slice(name.end - start);
}

/** A module of a library without side effects: calls that initialize a variable can be dropped with it. */
function asPure(statement: ts.VariableStatement): Edit[] {
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node)) return;
    if (ts.isCallExpression(node)) edits.push({ start: node.getStart(), end: node.getStart(), text: PURE });
    node.forEachChild(visit);
  };
  for (const { initializer } of statement.declarationList.declarations)
    if (initializer !== undefined) visit(initializer);
  return edits;
}

/** The code without names in variables and properties, at any depth. */
export function withoutNestedNames(code: string): string {
  let text = code;
  // Rewriting a function moves what is in it, so functions in functions take another round.
  for (;;) {
    const file = parse(text);
    const edits: Edit[] = [];
    const visit = (node: ts.Node): void => {
      const found = unnamed(node, file);
      if (found === undefined) node.forEachChild(visit);
      else edits.push(...found);
    };
    file.forEachChild(visit);
    if (edits.length === 0) return text;
    text = applyEdits(text, edits);
  }
}

function parse(code: string): ts.SourceFile {
  return ts.createSourceFile("lazy.js", code, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
}

function unnamed(node: ts.Node, file: ts.SourceFile): Edit[] | undefined {
  if (ts.isVariableDeclaration(node)) return ts.isIdentifier(node.name) ? asArgument(node.initializer) : undefined;
  if (ts.isPropertyAssignment(node)) return asMethod(node, file) ?? asArgument(node.initializer);
  return undefined;
}

/** `let a = () => 1` becomes `let a = (0, () => 1)`. */
function asArgument(value: ts.Expression | undefined): Edit[] | undefined {
  if (value === undefined || !getsName(value)) return undefined;
  return [
    { start: value.getStart(), end: value.getStart(), text: "(0," },
    { start: value.end, end: value.end, text: ")" },
  ];
}

/** `{ a: (b) => { c(b) } }` becomes `{ a(b) { c(b) } }`, unless the function looks at what `this` is around it. */
function asMethod({ name, initializer }: ts.PropertyAssignment, file: ts.SourceFile): Edit[] | undefined {
  // An expression is shorter as it is: as a method it would take three lines.
  if (!ts.isArrowFunction(initializer) || !ts.isBlock(initializer.body) || usesThis(initializer)) return undefined;
  const { body, modifiers, parameters } = initializer;
  const params = parameters.map((parameter) => parameter.getText(file)).join(",");
  const isAsync = modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) === true;
  const text = `${isAsync ? "async " : ""}${name.getText(file)}(${params})${body.getText(file)}`;
  return [{ start: name.getStart(), end: initializer.end, text }];
}

function getsName(node: ts.Node): boolean {
  if (ts.isParenthesizedExpression(node)) return getsName(node.expression);
  const isNameless = ts.isFunctionExpression(node) || ts.isClassExpression(node);
  return ts.isArrowFunction(node) || (isNameless && node.name === undefined);
}

/** Whether a function looks at what `this` or `arguments` is: then the form of it matters. */
export function usesThis(node: ts.Node): boolean {
  let found = false;
  const visit = (child: ts.Node): void => {
    if (child.kind === ts.SyntaxKind.ThisKeyword || child.kind === ts.SyntaxKind.SuperKeyword) found = true;
    if (ts.isIdentifier(child) && child.text === "arguments") found = true;
    if (!found && !ts.isFunctionDeclaration(child) && !ts.isFunctionExpression(child)) child.forEachChild(visit);
  };
  node.forEachChild(visit);
  return found;
}
