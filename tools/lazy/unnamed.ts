/**
 * Rewrites minified code so that a bundler with esbuild's `keepNames`, as Convex's is, finds no name to keep. It would
 * print a call for each function and class with a name: 25 bytes, and a microsecond whenever the code is evaluated.
 *
 * A function gets a name where it is declared, and where it initializes a variable or a property. It gets none as the
 * argument of a call, nor as a method. esbuild sees through functions that return what they are given, but not through
 * one that is taken out of an array.
 */
import ts from "typescript";
import { applyEdits, type Edit } from "./edits.js";

/** Lets what nobody uses be dropped. */
export const PURE = "/* @__PURE__ */";

/** Declares the function that only returns what it is given. */
export const DECLARE_ANONYMOUS = "var anonymous=[(function(value){return value})][0];";

/** A module without names that would be kept. What it exports can still be dropped where it is not used. */
export function withoutNames(code: string): string {
  return DECLARE_ANONYMOUS + withoutDeclarations(withoutNestedNames(gathered(code)));
}

/**
 * The functions that a module keeps to itself become elements of one array, which is taken apart: they need no call each.
 * They come first, as declarations would; so does what was a variable, which nothing calls before its place.
 */
function gathered(code: string): string {
  const file = parse(code);
  const exported = exportedNames(file);
  const names: string[] = [];
  const values: string[] = [];
  const gather = (name: string, value: string): void => void (names.push(name), values.push(value));
  const edits = file.statements.flatMap((statement): Edit[] => {
    const { start, end } = { start: statement.getStart(file), end: statement.end };
    if (ts.isFunctionDeclaration(statement)) {
      if (statement.name === undefined || exported.has(statement.name.text)) return [];
      gather(statement.name.text, functionValue(statement, file));
      return [{ start, end, text: "" }];
    }
    if (!ts.isVariableStatement(statement)) return [];
    const kept = statement.declarationList.declarations.filter(({ name, initializer }) => {
      if (!ts.isIdentifier(name) || exported.has(name.text) || initializer === undefined) return true;
      if (!getsName(initializer)) return true;
      gather(name.text, initializer.getText(file));
      return false;
    });
    const texts = kept.map((declaration) => declaration.getText(file));
    return [{ start, end, text: texts.length === 0 ? "" : `var ${texts.join(",")};` }];
  });
  const rest = applyEdits(code, edits);
  return names.length === 0 ? rest : `var[${names.join(",")}]=[${values.join(",")}];${rest}`;
}

/** The local names of what a module exports. */
function exportedNames(file: ts.SourceFile): ReadonlySet<string> {
  const names = file.statements.flatMap((statement) => {
    const clause = ts.isExportDeclaration(statement) ? statement.exportClause : undefined;
    if (clause === undefined || !ts.isNamedExports(clause)) return [];
    return clause.elements.map(({ name, propertyName }) => (propertyName ?? name).text);
  });
  return new Set(names);
}

/** Exported declarations become variables, in their order: nothing may be called before its place. */
function withoutDeclarations(code: string): string {
  const file = parse(code);
  const edits = file.statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement)) return asPure(statement);
    if (!ts.isFunctionDeclaration(statement) && !ts.isClassDeclaration(statement)) return [];
    const { name } = statement;
    if (name === undefined) return [];
    const before = code.slice(statement.getStart(file), name.getStart(file)).trimEnd();
    return [
      { start: statement.getStart(file), end: name.end, text: `var ${name.text}=${PURE}anonymous(${before}` },
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
const SHORT = 200;

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

/** `let a = () => 1` becomes `let a = anonymous(() => 1)`. */
function asArgument(value: ts.Expression | undefined): Edit[] | undefined {
  if (value === undefined || !getsName(value)) return undefined;
  return [
    { start: value.getStart(), end: value.getStart(), text: "anonymous(" },
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
