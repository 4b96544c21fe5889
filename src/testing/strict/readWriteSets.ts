/**
 * What a transaction has read and written: the read set and the write set that Convex compares when it commits
 * (`crates/database/src/{reads,writes}.rs` of get-convex/convex-backend).
 */
import type { Value } from "convex/values";

/** A document. What was inserted in the same transaction has no `_creationTime` yet: it counts as the newest of all. */
export type StrictDocument = Readonly<Record<string, Value | undefined>>;

/** Values of the fields of an index, in their order. A `_creationTime` that is undefined is that of a document just inserted. */
export type StrictIndexKey = readonly (Value | undefined)[];

/** A bound of an index range. */
export interface StrictBound {
  readonly field: string;
  readonly comparison: "eq" | "gt" | "gte" | "lt" | "lte";
  readonly value: Value | undefined;
}

/** A range of an index that was looked at, whether there was anything in it or not. */
export interface StrictRead {
  /** Empty for the app. */
  readonly componentPath: string;
  readonly table: string;
  /** `by_id`, `by_creation_time`, or the name from the schema. A search reads all of its table. */
  readonly index: string;
  /** The fields of the index, with `_creationTime` and `_id` at its end. */
  readonly fields: readonly string[];
  readonly order: "asc" | "desc";
  /** All of them hold for what is in the range. */
  readonly bounds: readonly StrictBound[];
  /** Where a page began, this key excluded. Undefined: at the start of the range. */
  readonly after: StrictIndexKey | undefined;
  /** How far it was read, this key included. Undefined: to the end of the range. */
  readonly upTo: StrictIndexKey | undefined;
}

/** A document that was written. */
export interface StrictWrite {
  /** Empty for the app. */
  readonly componentPath: string;
  readonly table: string;
  readonly id: string;
  /** Before the transaction. Undefined: inserted. */
  readonly before: StrictDocument | undefined;
  /** After it. Undefined: deleted. */
  readonly after: StrictDocument | undefined;
}

/** The sets of one call, with those of the calls in its transaction that it has made. */
export class ReadWriteSets {
  readonly readSet: StrictRead[] = [];
  readonly #writes = new Map<string, StrictWrite>();

  get writeSet(): readonly StrictWrite[] {
    return [...this.#writes.values()];
  }

  /** A document that is written twice counts as written once: `coalesced_writes` in writes.rs. */
  write(write: StrictWrite): void {
    const key = `${write.componentPath} ${write.id}`;
    const earlier = this.#writes.get(key);
    const { before } = earlier ?? write;
    // Inserted and deleted again: nobody ever sees it.
    if (before === undefined && write.after === undefined) this.#writes.delete(key);
    else this.#writes.set(key, { ...write, before });
  }

  /** What it has written is undone. What it has read still counts: `rollback_subtransaction` in transaction.rs. */
  rollBack(): void {
    this.#writes.clear();
  }

  /** A nested call is over. */
  absorb(nested: ReadWriteSets): void {
    // One by one: arguments of a call have a limit.
    for (const read of nested.readSet) this.readSet.push(read);
    for (const write of nested.writeSet) this.write(write);
  }
}
