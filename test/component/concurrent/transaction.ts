/** One attempt of a mutation: it sees what was there when it began and what it has written itself, and notes all that it reads. */
import type { Bound, Conflict, Fields, Read, StoredDocument, Tables, Write } from "./tables.js";
import { matches } from "./tables.js";

/** A job that is scheduled if the transaction is committed. */
export interface Job {
  readonly name: string;
  readonly component: string;
  readonly argsJson: string;
  readonly at: number;
}

/** What Convex would bill. */
export interface Usage {
  documentsRead: number;
  documentsWritten: number;
}

interface Stream {
  readonly next: () => StoredDocument | undefined;
}

export class Transaction {
  readonly jobs: Job[] = [];
  readonly usage: Usage = { documentsRead: 0, documentsWritten: 0 };
  readonly #tables: Tables;
  readonly #beginTs: number;
  /** The clock of its functions. */
  readonly startMs: number;
  readonly #reads: Read[] = [];
  readonly #writes = new Map<string, Write>();
  readonly #creationTime: () => number;

  constructor(tables: Tables, startMs: number, creationTime: () => number) {
    this.#tables = tables;
    this.#beginTs = tables.ts;
    this.startMs = startMs;
    this.#creationTime = creationTime;
  }

  get beginTs(): number {
    return this.#beginTs;
  }

  get(id: string, isSnapshot: boolean): StoredDocument | undefined {
    if (!isSnapshot) this.#reads.push({ kind: "id", id });
    const own = isSnapshot ? undefined : this.#writes.get(id);
    const found =
      own === undefined ? this.#tables.get(id, this.#beginTs) : own.fields && { ...own, fields: own.fields };
    if (found) this.usage.documentsRead += 1;
    return found ?? undefined;
  }

  insert(table: string, fields: Fields): string {
    const id = this.#tables.newId();
    this.#write({ id, table, creationTime: this.#creationTime(), fields });
    return id;
  }

  /** Null deletes. Convex reads what it writes over. */
  replace(id: string, fields: Fields | null): void {
    if (this.get(id, false) === undefined) throw new Error(`there is no document ${id} to write over`);
    const { table, creationTime } = this.#writes.get(id) ?? this.#tables.origin(id);
    this.#write({ id, table, creationTime, fields });
  }

  #write(write: Write): void {
    this.usage.documentsWritten += 1;
    this.#writes.set(write.id, write);
  }

  /** A query: what has been read of it is known at any time. */
  query(table: string, bounds: readonly Bound[], limit: number, isSnapshot: boolean): Stream {
    const read: Read = { kind: "range", table, bounds, upTo: -Infinity };
    if (!isSnapshot) this.#reads.push(read);
    const documents = this.#documents(table, bounds, isSnapshot);
    let left = limit;
    return {
      next: () => {
        if (left-- <= 0) return undefined;
        const { value, done } = documents.next();
        read.upTo = done ? Infinity : value.creationTime;
        if (!done) this.usage.documentsRead += 1;
        return done ? undefined : value;
      },
    };
  }

  // What it has inserted itself is newer than all that it sees.
  *#documents(table: string, bounds: readonly Bound[], isSnapshot: boolean): Generator<StoredDocument, undefined> {
    for (const document of this.#tables.scan(table, bounds, this.#beginTs)) {
      const own = isSnapshot ? undefined : this.#writes.get(document.id);
      if (own === undefined) yield document;
      else if (own.fields) yield { ...own, fields: own.fields };
    }
    if (isSnapshot) return;
    for (const { id, table: of, creationTime, fields } of this.#writes.values()) {
      const isNew = of === table && this.#tables.get(id, this.#beginTs) === undefined;
      if (isNew && fields && matches({ creationTime, fields }, bounds)) yield { id, creationTime, fields };
    }
  }

  /** What a nested mutation that throws has written is undone. */
  savepoint(): () => void {
    const writes = new Map(this.#writes);
    const jobs = this.jobs.length;
    return () => {
      this.#writes.clear();
      for (const [id, write] of writes) this.#writes.set(id, write);
      this.jobs.splice(jobs);
    };
  }

  commit(writer: string): Conflict | undefined {
    return this.#tables.commit(writer, this.#beginTs, this.#reads, [...this.#writes.values()]);
  }
}
