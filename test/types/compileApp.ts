/**
 * Type checks a Convex app twice: with stock builders, and with ours. Everything but `convex/otel.ts` is the same text.
 *
 * Files may exist in memory only. `_generated/` always does: it is written here, as the Convex command line writes it.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import ts from "typescript";

/** Which builders `convex/otel.ts` exports. */
export type Variant = "stock" | "traced";

/** A compile error: where it starts, and what it is. */
export interface CompileError {
  /** `convex/mod.ts:line:column`, both from 1. */
  readonly at: string;
  /** `convex/mod.ts:line error TS1234`. */
  readonly line: string;
  readonly code: number;
  /** The first line of the message; the full chain follows it. */
  readonly message: string;
  readonly chain: string;
}

/** Texts by path, relative to the app. */
export type Files = Readonly<Record<string, string>>;

const SERVER = path.resolve(import.meta.dirname, "../../src/adapters/convex/server/index.js");
const ROOT = path.join(import.meta.dirname, "fixtures", "virtual");

const OTEL: Readonly<Record<Variant, string>> = {
  stock: `
    export { query, mutation, action, internalQuery, internalMutation, internalAction, httpAction } from "./_generated/server";
    import { v } from "convex/values";
    import { internalAction } from "./_generated/server";
    export const deliver = internalAction({ args: { batch: v.string() }, handler: async () => null });`,
  traced: `
    import { instrumentConvex } from ${JSON.stringify(SERVER)};
    import * as server from "./_generated/server";
    export const { query, mutation, action, internalQuery, internalMutation, internalAction, httpAction, deliver } =
      instrumentConvex(server, {});`,
};

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
  types: [],
  strict: true,
  skipLibCheck: true,
  noEmit: true,
};

/** The texts of an app on disk. */
export function readApp(name: string): Files {
  const folder = path.join(import.meta.dirname, "fixtures", name);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file));
  return Object.fromEntries(files.map((file) => [file, readFileSync(path.join(folder, file), "utf8")]));
}

/** An app's compile errors, in the order of its files. Errors in `otel.ts` count unless it is ours. */
export function compileErrors(app: Files, variant: Variant): CompileError[] {
  const files = withGenerated({ "convex/otel.ts": OTEL[variant], ...app });
  const program = ts.createProgram(roots(files), OPTIONS, hostOf(files));
  return roots(files)
    .flatMap((file) => {
      const source = program.getSourceFile(file);
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    })
    .map(compileError);
}

/** How many types an app costs the compiler, all files checked. */
export function instantiations(app: Files, variant: Variant): number {
  const files = withGenerated({ "convex/otel.ts": OTEL[variant], ...app });
  const program = ts.createProgram(roots(files), OPTIONS, hostOf(files));
  for (const file of roots(files)) program.getSemanticDiagnostics(program.getSourceFile(file));
  return program.getInstantiationCount();
}

/** What the comments `// error TS1234` of an app announce, as {@link CompileError.line} has it. */
export function announcedErrors(app: Files): string[] {
  return Object.entries(app).flatMap(([file, text]) =>
    text.split("\n").flatMap((line, at) => {
      const announced = /\/\/ (error TS\d+)$/.exec(line);
      return announced === null ? [] : [`${file}:${at + 1} ${announced[1]}`];
    }),
  );
}

function compileError({ file, start, code, messageText }: ts.Diagnostic): CompileError {
  const name = file === undefined ? "" : path.relative(ROOT, file.fileName);
  const { line, character } = file?.getLineAndCharacterOfPosition(start ?? 0) ?? { line: 0, character: 0 };
  const chain = ts.flattenDiagnosticMessageText(messageText, "\n");
  const message = typeof messageText === "string" ? messageText : messageText.messageText;
  return {
    at: `${name}:${line + 1}:${character + 1}`,
    line: `${name}:${line + 1} error TS${code}`,
    code,
    message,
    chain,
  };
}

function roots(files: Files): string[] {
  return Object.keys(files)
    .sort()
    .map((file) => path.join(ROOT, file));
}

// Libraries and our own sources are parsed once for all programs.
const parsed = new Map<string, ts.SourceFile | undefined>();

function hostOf(files: Files): ts.CompilerHost {
  const virtual = new Map(Object.entries(files).map(([file, text]) => [path.join(ROOT, file), text]));
  const folders = new Set([...virtual.keys()].flatMap(parents));
  const host = ts.createCompilerHost(OPTIONS, true);
  const { getSourceFile, fileExists, readFile, directoryExists } = host;
  host.fileExists = (file) => virtual.has(file) || fileExists(file);
  host.readFile = (file) => virtual.get(file) ?? readFile(file);
  host.directoryExists = (folder) => folders.has(folder) || (directoryExists?.(folder) ?? true);
  host.getSourceFile = (file, target) => {
    const text = virtual.get(file);
    if (text !== undefined) return ts.createSourceFile(file, text, target, true);
    if (!parsed.has(file)) parsed.set(file, getSourceFile(file, target));
    return parsed.get(file);
  };
  return host;
}

function parents(file: string): string[] {
  const parent = path.dirname(file);
  return parent === file ? [] : [parent, ...parents(parent)];
}

function withGenerated(files: Files): Files {
  const modules = Object.keys(files)
    .filter((file) => file.startsWith("convex/") && !file.endsWith("schema.ts"))
    .map((file) => file.slice("convex/".length, -".ts".length));
  const schema = {
    "convex/schema.ts": 'import { defineSchema } from "convex/server"; export default defineSchema({});',
  };
  return {
    ...schema,
    ...files,
    "convex/_generated/api.d.ts": generatedApi(modules),
    "convex/_generated/dataModel.d.ts": GENERATED_DATA_MODEL,
    "convex/_generated/server.d.ts": GENERATED_SERVER,
  };
}

function generatedApi(modules: readonly string[]): string {
  const name = (module: string): string => module.replaceAll("/", "_");
  return `
    ${modules.map((module) => `import type * as ${name(module)} from "../${module}.js";`).join("\n")}
    import type { ApiFromModules, FilterApi, FunctionReference } from "convex/server";
    declare const fullApi: ApiFromModules<{
      ${modules.map((module) => `${JSON.stringify(module)}: typeof ${name(module)};`).join("\n")}
    }>;
    export declare const api: FilterApi<typeof fullApi, FunctionReference<any, "public">>;
    export declare const internal: FilterApi<typeof fullApi, FunctionReference<any, "internal">>;`;
}

const GENERATED_DATA_MODEL = `
  import type { DataModelFromSchemaDefinition, SystemTableNames, TableNamesInDataModel } from "convex/server";
  import type { GenericId } from "convex/values";
  import schema from "../schema.js";
  export type Id<TableName extends TableNamesInDataModel<DataModel> | SystemTableNames> = GenericId<TableName>;
  export type DataModel = DataModelFromSchemaDefinition<typeof schema>;`;

const GENERATED_SERVER = `
  import {
    ActionBuilder, GenericActionCtx, GenericMutationCtx, GenericQueryCtx, HttpActionBuilder, MutationBuilder, QueryBuilder,
  } from "convex/server";
  import type { DataModel } from "./dataModel.js";
  export declare const query: QueryBuilder<DataModel, "public">;
  export declare const internalQuery: QueryBuilder<DataModel, "internal">;
  export declare const mutation: MutationBuilder<DataModel, "public">;
  export declare const internalMutation: MutationBuilder<DataModel, "internal">;
  export declare const action: ActionBuilder<DataModel, "public">;
  export declare const internalAction: ActionBuilder<DataModel, "internal">;
  export declare const httpAction: HttpActionBuilder;
  export type QueryCtx = GenericQueryCtx<DataModel>;
  export type MutationCtx = GenericMutationCtx<DataModel>;
  export type ActionCtx = GenericActionCtx<DataModel>;`;
