/** Literals that leak, structure that is lost, text and summary as they have to be. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fingerprintSql } from "convex-otel/sql";
import { write } from "../../test/adapters/sql/corpus/nodes.js";
import { SUMMARIES } from "../../test/adapters/sql/corpus/summaries.js";
import { type Corpus, written } from "./corpus.js";
import { type Metric, percent } from "./metric.js";
import { type Tool, tools } from "./tools.js";

export function safety(corpora: readonly Corpus[]): Metric[] {
  return [...leaks(corpora), ...structure(corpora), ...expectations(corpora)];
}

function leaks(corpora: readonly Corpus[]): Metric[] {
  const count = corpora.reduce((sum, corpus) => sum + 2 * corpus.statements.length, 0);
  return tools().map((tool, i) => ({
    what: i === 0 ? "statements that leak a literal" : `  the same: ${tool.name}`,
    value: corpora.reduce((sum, corpus) => sum + leaking(corpus, tool), 0),
    ...(i === 0 ? { bar: { atMost: 0 } as const, note: `of ${count}, a sentinel in every literal` } : {}),
  }));
}

function leaking(corpus: Corpus, { sanitize }: Tool): number {
  return written(corpus).filter(({ sql, sentinels }) => {
    const told = sanitize(sql, corpus.dialect);
    return sentinels.some((sentinel) => told.includes(sentinel));
  }).length;
}

/** Words and names that are still there, in their order. */
function structure(corpora: readonly Corpus[]): Metric[] {
  let kept = 0;
  let all = 0;
  let missing = 0;
  for (const corpus of corpora) {
    for (const { sql, structure } of written(corpus)) {
      const { text, fingerprint, summary } = fingerprintSql(sql, { dialect: corpus.dialect });
      if (text === "" || fingerprint === "" || summary === null) missing++;
      let at = 0;
      for (const word of structure) {
        const found = text.indexOf(word, at);
        all++;
        if (found < 0) continue;
        kept++;
        at = found + word.length;
      }
    }
  }
  return [
    { what: "missing outputs", value: missing, bar: { atMost: 0 } },
    {
      what: "structure kept",
      value: kept / all,
      bar: { atLeast: 0.995 },
      stretch: { atLeast: 1 },
      format: percent,
      note: `${all} words and names`,
    },
  ];
}

interface Example {
  readonly kind: string;
  readonly dialect: string;
  readonly sql: string;
  readonly text: string;
  readonly summary: string | null;
}

function expectations(corpora: readonly Corpus[]): Metric[] {
  const file = resolve(import.meta.dirname, "../../test/adapters/sql/examples.json");
  const examples = (JSON.parse(readFileSync(file, "utf8")) as Example[]).filter(({ kind }) => kind === "text");
  const made = corpora.flatMap(({ dialect, statements, plain }) =>
    statements.map(({ parts, summary }) => ({ dialect, summary, ...write(parts, plain) })),
  );
  const byHand = SUMMARIES.map(([sql, summary]) => ({ dialect: "other_sql", sql, summary }));
  const share = <T>(rows: readonly T[], isRight: (row: T) => boolean) => rows.filter(isRight).length / rows.length;
  const hasText = ({ sql, dialect, text }: { sql: string; dialect: string; text: string }) =>
    fingerprintSql(sql, { dialect }).text === text;
  const hasSummary = ({ sql, dialect, summary }: { sql: string; dialect: string; summary: string | null }) =>
    fingerprintSql(sql, { dialect }).summary === summary;
  const text = { bar: { atLeast: 0.98 }, stretch: { atLeast: 1 }, format: percent };
  const summary = { bar: { atLeast: 0.95 }, stretch: { atLeast: 0.99 }, format: percent };
  return [
    { what: "text: examples", value: share(examples, hasText), ...text, note: `${examples.length} rows` },
    { what: "text: generated", value: share(made, hasText), ...text, note: `${made.length} rows` },
    { what: "summary: examples", value: share(examples, hasSummary), ...summary, note: `${examples.length} rows` },
    { what: "summary: by hand", value: share(byHand, hasSummary), ...summary, note: `${byHand.length} rows` },
    { what: "summary: generated", value: share(made, hasSummary), ...summary, note: `${made.length} rows` },
  ];
}
