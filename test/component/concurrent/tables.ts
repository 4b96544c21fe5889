/**
 * A database of versions, as far as the outbox and its tests need one: every transaction reads what was there when it began, and is
 * told at its end whether that is still so. A table is in the order of creation; what is looked up costs the same whatever is stored.
 */
import { compareValues, type Value } from "convex/values";

export type Fields = Readonly<Record<string, Value | undefined>>;

/** One document over time. The newest version comes last; null: deleted. */
interface History {
  readonly id: string;
  readonly table: string;
  readonly creationTime: number;
  readonly versions: { readonly ts: number; readonly read: (() => Fields) | null }[];
}

export interface StoredDocument {
  readonly id: string;
  readonly creationTime: number;
  readonly fields: Fields;
}

/** A condition on a field, as Convex's index ranges have them. */
export interface Bound {
  readonly field: string;
  readonly comparison: "Eq" | "Gt" | "Gte" | "Lt" | "Lte";
  readonly value: Value | undefined;
}

/** What a transaction has read: a document, or a range as far as it was read. */
export type Read =
  | { readonly kind: "id"; readonly id: string }
  | { readonly kind: "range"; readonly table: string; readonly bounds: readonly Bound[]; upTo: number };

/** What it has written. */
export interface Write {
  readonly id: string;
  readonly table: string;
  readonly creationTime: number;
  /** Null: deleted. */
  readonly fields: Fields | null;
}

/** Why a transaction has to run again. */
export interface Conflict {
  readonly table: string;
  /** Whose write it was. */
  readonly writer: string;
}

interface Commit {
  readonly ts: number;
  readonly writer: string;
  readonly write: Write;
  readonly before: Fields | undefined;
}

export class Tables {
  readonly #histories = new Map<string, History>();
  readonly #tables = new Map<string, History[]>();
  /** Documents before it, by table, are gone for everybody. */
  readonly #starts = new Map<string, number>();
  readonly #log: Commit[] = [];
  #ts = 0;
  #nextId = 0;

  /** The time of the last commit. */
  get ts(): number {
    return this.#ts;
  }

  newId(): string {
    return `document ${this.#nextId++}`;
  }

  /** Documents that are there from the start. They are made when they are read, so that a test of memory does not measure them. */
  fill(table: string, documents: Iterable<{ readonly creationTime: number; readonly read: () => Fields }>): void {
    for (const { creationTime, read } of documents) {
      this.#add({ id: this.newId(), table, creationTime, versions: [{ ts: 0, read }] });
    }
  }

  get(id: string, ts: number): StoredDocument | undefined {
    const history = this.#histories.get(id);
    return history && visible(history, ts);
  }

  /** Where a document belongs. */
  origin(id: string): { readonly table: string; readonly creationTime: number } {
    const history = this.#histories.get(id);
    if (history === undefined) throw new Error(`no document ${id}`);
    return history;
  }

  /** Documents of a table in their order, as they were at a time. */
  *scan(table: string, bounds: readonly Bound[], ts: number): Generator<StoredDocument> {
    const all = this.#tables.get(table) ?? [];
    for (let index = this.#startOf(table, all, bounds); index < all.length; index++) {
      const document = visible(all[index]!, ts);
      if (document === undefined) continue;
      if (isBeyond(document.creationTime, bounds)) return;
      if (matches(document, bounds)) yield document;
    }
  }

  /** Takes all writes, or none and says why not. */
  commit(writer: string, beginTs: number, reads: readonly Read[], writes: readonly Write[]): Conflict | undefined {
    for (let index = this.#log.length - 1; index >= 0; index--) {
      const entry = this.#log[index]!;
      if (entry.ts <= beginTs) break;
      if (reads.some((read) => isHit(read, entry))) return { table: entry.write.table, writer: entry.writer };
    }
    if (writes.length === 0) return undefined;
    this.#ts += 1;
    for (const write of writes) this.#apply(writer, write);
    return undefined;
  }

  #apply(writer: string, write: Write): void {
    const { id, table, creationTime, fields } = write;
    const history = this.#histories.get(id);
    const before = history && visible(history, this.#ts - 1)?.fields;
    this.#log.push({ ts: this.#ts, writer, write, before });
    const version = { ts: this.#ts, read: fields && (() => fields) };
    if (history === undefined) this.#add({ id, table, creationTime, versions: [version] });
    else history.versions.push(version);
  }

  #add(history: History): void {
    this.#histories.set(history.id, history);
    const all = this.#tables.get(history.table) ?? [];
    this.#tables.set(history.table, all);
    // Whoever began earlier may commit later.
    let index = all.length;
    while (index > 0 && all[index - 1]!.creationTime > history.creationTime) index -= 1;
    all.splice(index, 0, history);
    this.#starts.set(history.table, Math.min(index, this.#starts.get(history.table) ?? 0));
  }

  /** Forgets what nobody can see any more: versions before the time, and the log up to it. */
  forget(ts: number): void {
    let old = 0;
    while (old < this.#log.length && this.#log[old]!.ts <= ts) old += 1;
    for (const { write } of this.#log.splice(0, old)) {
      const versions = this.#histories.get(write.id)?.versions ?? [];
      const seen = versions.findLastIndex((version) => version.ts <= ts);
      versions.splice(0, seen);
      if (versions.length === 1 && versions[0]!.read === null) this.#histories.delete(write.id);
    }
    for (const [table, all] of this.#tables) {
      let start = this.#starts.get(table) ?? 0;
      while (start < all.length && !this.#histories.has(all[start]!.id)) start += 1;
      // Now and then, so that a document is moved a few times at most.
      if (start > 1_000 && start > all.length / 2) start -= all.splice(0, start).length;
      this.#starts.set(table, start);
    }
  }

  #startOf(table: string, all: readonly History[], bounds: readonly Bound[]): number {
    const from = bounds.find(({ field, comparison }) => field === "_creationTime" && comparison.startsWith("Gt"));
    let [low, high] = [this.#starts.get(table) ?? 0, all.length];
    if (typeof from?.value !== "number") return low;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (all[middle]!.creationTime < from.value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function visible({ id, creationTime, versions }: History, ts: number): StoredDocument | undefined {
  const version = versions.findLast((candidate) => candidate.ts <= ts);
  return version?.read ? { id, creationTime, fields: version.read() } : undefined;
}

export function matches({ creationTime, fields }: Omit<StoredDocument, "id">, bounds: readonly Bound[]): boolean {
  return bounds.every(({ field, comparison, value }) => {
    const order = compareValues(field === "_creationTime" ? creationTime : fields[field], value);
    switch (comparison) {
      case "Eq":
        return order === 0;
      case "Gt":
        return order > 0;
      case "Gte":
        return order >= 0;
      case "Lt":
        return order < 0;
      case "Lte":
        return order <= 0;
    }
  });
}

function isBeyond(creationTime: number, bounds: readonly Bound[]): boolean {
  return bounds.some(
    (bound) =>
      bound.comparison.startsWith("Lt") &&
      bound.field === "_creationTime" &&
      !matches({ creationTime, fields: {} }, [bound]),
  );
}

function isHit(read: Read, { write, before }: Commit): boolean {
  if (read.kind === "id") return read.id === write.id;
  if (read.table !== write.table || write.creationTime > read.upTo) return false;
  const { creationTime } = write;
  return [before, write.fields].some((fields) => fields && matches({ creationTime, fields }, read.bounds));
}
