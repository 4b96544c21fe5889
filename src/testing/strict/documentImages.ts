/**
 * What the documents are that a transaction has come across. A write of Convex's names a document by its id only; which ranges
 * of an index it falls into depends on all of the document, before and after.
 */
import { getDocumentSize, jsonToConvex, type Value } from "convex/values";

import { hostConvex } from "./hostContext.js";
import type { StrictDocument } from "./readWriteSets.js";

/** JSON text of values, parsed. */
export type Json = Parameters<typeof jsonToConvex>[0];

/** The documents that one transaction has seen, as they are in it. */
export class DocumentImages {
  readonly #seen = new Map<string, StrictDocument>();
  readonly #inserted = new Set<string>();
  /** What had to be read only to know a document: the function has not done that. */
  readonly #own = { documents: 0, bytes: 0 };

  /** Takes a document that the function has read. */
  see(componentPath: string, json: Json): StrictDocument | undefined {
    if (json === null) return undefined;
    const { _creationTime, ...fields } = jsonToConvex(json) as StrictDocument & { readonly _id: string };
    const key = `${componentPath} ${fields._id}`;
    // The order of what two transactions insert at the same time is open.
    const document = this.#inserted.has(key) ? fields : { ...fields, _creationTime };
    this.#seen.set(key, document);
    return document;
  }

  /** Takes what the function has made of a document. */
  set(componentPath: string, id: string, document: StrictDocument | undefined): void {
    if (document === undefined) this.#seen.delete(`${componentPath} ${id}`);
    else this.#seen.set(`${componentPath} ${id}`, document);
  }

  insert(componentPath: string, id: string, document: StrictDocument): void {
    this.#inserted.add(`${componentPath} ${id}`);
    this.set(componentPath, id, document);
  }

  /** What a document is before it is written. convex-test is asked if the function has not read it. */
  async before(
    componentPath: string,
    address: { readonly table?: string; readonly id: string },
  ): Promise<StrictDocument> {
    const seen = this.#seen.get(`${componentPath} ${address.id}`);
    if (seen !== undefined) return seen;
    const json = JSON.parse(await hostConvex().asyncSyscall("1.0/get", JSON.stringify(address))) as Json;
    const document = this.see(componentPath, json) ?? { _id: address.id };
    this.#own.documents += 1;
    if (json !== null) this.#own.bytes += getDocumentSize(document as Record<string, Value>);
    return document;
  }

  /** Something was rolled back: what was seen since may not be so any more. */
  forget(): void {
    this.#seen.clear();
  }

  /** The answer to `1.0/getTransactionMetrics`, without what was read only for this. */
  metrics(json: string): string {
    const { documents, bytes } = this.#own;
    const metrics = JSON.parse(json) as Record<string, Metric>;
    const less = (name: string, amount: number): Record<string, Metric> => {
      const metric = metrics[name];
      return metric === undefined
        ? {}
        : { [name]: { used: metric.used - amount, remaining: metric.remaining + amount } };
    };
    return JSON.stringify({
      ...metrics,
      ...less("bytesRead", bytes),
      ...less("documentsRead", documents),
      ...less("databaseQueries", documents),
    });
  }
}

interface Metric {
  readonly used: number;
  readonly remaining: number;
}
