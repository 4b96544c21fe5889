/** Takes note of what the syscalls of a call read and write. */
import { getDocumentSize, jsonToConvex, type Value } from "convex/values";

import type { DeployedCode } from "./deployedCode.js";
import type { Json } from "./documentImages.js";
import type { Execution } from "./execution.js";
import { isTransactional } from "./observation.js";
import type { StrictDocument } from "./readWriteSets.js";
import {
  keyInCursor,
  keyOf,
  limitOf,
  readOf,
  readOfDocument,
  readOfTable,
  type SerializedQuery,
  tableOf,
  valueOf,
} from "./recordedQuery.js";

type Ask = () => Promise<string>;

interface Address {
  readonly table?: string;
  readonly id: string;
}

interface Page {
  readonly query: SerializedQuery;
  readonly cursor: string | null;
  readonly endCursor?: string | null;
}

const JOBS = "_scheduled_functions";
const FILES = "_storage";

/** The recorder of one call. Calls that are no transactions have nothing to record. */
export class TransactionRecorder {
  readonly #code: DeployedCode;
  readonly #execution: Execution;

  constructor(code: DeployedCode, execution: Execution) {
    this.#code = code;
    this.#execution = execution;
  }

  /** Runs a syscall. */
  async record(name: string, argsJson: string, ask: Ask): Promise<string> {
    if (!isTransactional(this.#execution.call.type)) return await ask();
    const args: unknown = JSON.parse(argsJson);
    const written = RECORDED_WRITES[name];
    if (written !== undefined) return await this.#write(args as Address & { readonly value: Json }, written, ask);
    const answer = await ask();
    this.#note(name, args, answer);
    return name === "1.0/getTransactionMetrics" ? this.#images.metrics(answer) : answer;
  }

  /** Takes note of the documents of a query, one after the other. What is returned is called with each answer. */
  query(argsJson: string): (answerJson: string) => void {
    if (!isTransactional(this.#execution.call.type)) return () => undefined;
    const { query } = JSON.parse(argsJson) as { readonly query: SerializedQuery };
    const read = readOf(query, this.#code);
    const limit = limitOf(query);
    let taken = 0;
    return (answerJson) => {
      const { value, done } = JSON.parse(answerJson) as { readonly value: Json; readonly done: boolean };
      // `Limit` in crates/database/src/query/limit.rs asks for nothing more then.
      if (done && taken >= limit) return;
      if (taken === 0) this.#sets.readSet.push(read);
      taken += 1;
      const document = this.#saw(value);
      // `start_next` in crates/database/src/query/index_range.rs: up to the last one that was taken, or all at the end.
      read.upTo = done || document === undefined || read.fields.length === 0 ? undefined : keyOf(read, document);
    };
  }

  get #sets(): Execution["call"]["sets"] {
    return this.#execution.call.sets;
  }

  get #images(): Execution["transaction"]["images"] {
    return this.#execution.transaction.images;
  }

  #note(name: string, args: unknown, answer: string): void {
    if (name === "1.0/get") this.#get(args as Address, answer);
    else if (name === "1.0/queryPage") this.#page(args as Page, answer);
    else if (name === "1.0/count") this.#sets.readSet.push(readOfTable(this.#code, (args as { table: string }).table));
    else if (name === "1.0/insert") this.#inserted(args as { readonly table: string; readonly value: Json }, answer);
    else if (name === "1.0/schedule") this.#scheduled(JSON.parse(answer) as string);
    else if (name === "1.0/storageGetUrl") this.#readDocument({ table: FILES, id: fileOf(args) });
    else if (name === "1.0/storageDelete") this.#deletedFile(fileOf(args));
  }

  #get(address: Address, answer: string): void {
    this.#readDocument(address);
    this.#saw(JSON.parse(answer) as Json);
  }

  /** The function was given a document, or none. */
  #saw(json: Json): StrictDocument | undefined {
    const document = this.#images.see(this.#code.componentPath, json);
    if (document !== undefined) this.#countRead(document);
    return document;
  }

  #countRead(document: StrictDocument): void {
    this.#execution.call.readDocument(getDocumentSize(document as Record<string, Value>));
  }

  #readDocument({ table, id }: Address): void {
    this.#sets.readSet.push(readOfDocument(this.#code, table ?? tableOf(id), id));
  }

  #page({ query, cursor, endCursor }: Page, answer: string): void {
    const { page, continueCursor } = JSON.parse(answer) as {
      readonly page: readonly Json[];
      readonly continueCursor: string;
    };
    for (const document of page) this.#saw(document);
    const read = readOf(query, this.#code);
    read.after = keyInCursor(cursor);
    read.upTo = keyInCursor(endCursor) ?? keyInCursor(continueCursor);
    // Behind the end there is nothing to read.
    if (cursor !== "_end_cursor") this.#sets.readSet.push(read);
  }

  #inserted({ table, value }: { readonly table: string; readonly value: Json }, answer: string): void {
    const { _id: id } = JSON.parse(answer) as { readonly _id: string };
    this.#wrote({ table, id }, undefined, { ...(jsonToConvex(value) as StrictDocument), _id: id });
  }

  #scheduled(id: string): void {
    this.#wrote({ table: JOBS, id }, undefined, { _id: id });
  }

  #deletedFile(id: string): void {
    this.#readDocument({ table: FILES, id });
    this.#wrote({ table: FILES, id }, { _id: id }, undefined);
  }

  // What writes a document reads it first: `patch` in crates/database/src/bootstrap_model/user_facing.rs.
  async #write(args: Address & { readonly value: Json }, written: Written, ask: Ask): Promise<string> {
    const { id } = args;
    const table = args.table ?? (written === canceled ? JOBS : tableOf(id));
    this.#readDocument({ table, id });
    const before = await this.#images.before(this.#code.componentPath, { table, id });
    const answer = await ask();
    this.#countRead(before);
    this.#wrote({ table, id }, before, written(before, args.value));
    return answer;
  }

  #wrote(
    { table, id }: { readonly table: string; readonly id: string },
    before: StrictDocument | undefined,
    after: StrictDocument | undefined,
  ): void {
    const { componentPath } = this.#code;
    if (before === undefined && after !== undefined) this.#images.insert(componentPath, id, after);
    else this.#images.set(componentPath, id, after);
    this.#sets.write({ componentPath, table, id, before, after });
  }
}

function fileOf(args: unknown): string {
  return (args as { readonly storageId: string }).storageId;
}

/** What a document is after it was written. */
type Written = (before: StrictDocument, value: Json) => StrictDocument | undefined;

const canceled: Written = (before) => ({ ...before, state: { kind: "canceled" } });

const RECORDED_WRITES: Readonly<Record<string, Written>> = {
  "1.0/shallowMerge": (before, value) => ({ ...before, ...fieldsOf(value) }),
  "1.0/replace": ({ _id, _creationTime }, value) => ({
    ...fieldsOf(value),
    _id,
    ...(_creationTime === undefined ? {} : { _creationTime }),
  }),
  "1.0/remove": () => undefined,
  "1.0/cancel_job": canceled,
};

function fieldsOf(json: Json): StrictDocument {
  return Object.fromEntries(
    Object.entries(json as Record<string, Json>).map(([name, field]) => [name, valueOf(field)]),
  );
}
