/** What people use instead, each as a function from a statement to what would be recorded of it. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fingerprintSql } from "convex-otel/sql";

/** Something that takes literals out of statements. */
export interface Tool {
  readonly name: string;
  readonly sanitize: (sql: string, dialect: string) => string;
}

const require = createRequire(import.meta.url);

export function tools(): Tool[] {
  return [
    { name: "convex-otel", sanitize: (sql, dialect) => JSON.stringify(fingerprintSql(sql, { dialect })) },
    { name: "twenty lines of regex", sanitize: regexes },
    { name: "mask hook of @opentelemetry/instrumentation-mysql2", sanitize: maskHookOfMysql2() },
  ];
}

/** The function that one writes in an afternoon: comments, strings, numbers, lists, white space. */
export function regexes(sql: string): string {
  return sql
    .replace(/\/\*[\s\S]*?\*\//g, " ")
    .replace(/--[^\n]*/g, " ")
    .replace(/'(?:[^'\\]|\\.|'')*'/g, "?")
    .replace(/"(?:[^"\\]|\\.)*"(?=\s*(?:,|\)|$))/g, "?")
    .replace(/\$\$[\s\S]*?\$\$/g, "?")
    .replace(/\b0x[0-9a-f]+\b/gi, "?")
    .replace(/\b\d+(?:\.\d+)?(?:e[+-]?\d+)?\b/gi, "?")
    .replace(/\b(?:true|false)\b/gi, "?")
    .replace(/\bin\s*\(\s*\?(?:\s*,\s*\?)*\s*\)/gi, "IN (?)")
    .replace(/\s+/g, " ")
    .trim();
}

type GetQueryText = (query: string, format: undefined, values: undefined, isMasked: boolean) => string;

/** The default of its option `maskStatement`. The package does not export it, so it is loaded from its file. */
function maskHookOfMysql2(): Tool["sanitize"] {
  const main = require.resolve("@opentelemetry/instrumentation-mysql2");
  const { getQueryText } = require(join(dirname(main), "utils.cjs")) as { readonly getQueryText: GetQueryText };
  return (sql) => getQueryText(sql, undefined, undefined, true);
}
