/** The tables of `docs/cost.md`, made of what was measured. */
import type { Cost } from "./costs.js";

/** A line: what was done so many times, and what that cost in all. */
export interface CostRow {
  readonly what: string;
  readonly sampling: number;
  readonly times: number;
  readonly cost: Cost;
}

/** The response time of the endpoint that action seconds are given for. */
const RESPONSE_SECONDS = 0.1;

const MILLION = 1_000_000;

const HEADER = [
  "for each million",
  "sampling",
  "calls",
  "written",
  "MB",
  "read",
  "MB",
  "deleted",
  "MB",
  "action seconds",
];

/** Puts tables between the marks `<!-- measured: name -->` and `<!-- end -->` of a page. Everything else stays as it is. */
export function withTables(page: string, tables: Readonly<Record<string, readonly CostRow[]>>): string {
  return Object.entries(tables).reduce((text, [name, rows]) => {
    const place = new RegExp(`(<!-- measured: ${name} -->\n)[^]*?(<!-- end -->)`);
    if (!place.test(text)) throw new Error(`The page has no place for the table "${name}".`);
    return text.replace(place, (_all, start: string, end: string) => `${start}\n${table(rows)}\n\n${end}`);
  }, page);
}

function table(rows: readonly CostRow[]): string {
  const alignment = HEADER.map((_name, column) => (column === 0 ? "---" : "---:"));
  return [HEADER, alignment, ...rows.map(cells)].map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function cells({ what, sampling, times, cost }: CostRow): string[] {
  const perMillion = (amount: number) => number((amount / times) * MILLION);
  const megabytes = (bytes: number) => number(bytes / times);
  return [
    what,
    String(sampling),
    perMillion(cost.calls),
    perMillion(cost.written),
    megabytes(cost.writtenBytes),
    perMillion(cost.read),
    megabytes(cost.readBytes),
    perMillion(cost.deleted),
    megabytes(cost.deletedBytes),
    perMillion(cost.requests * RESPONSE_SECONDS),
  ];
}

/** Three digits: more would be more than a load of another shape keeps. */
function number(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString("en");
}
