/**
 * The queries that a call has open. convex-test reads all documents of a query when it starts; Convex reads each when it is asked
 * for, so what the function has written before, awaited or not, is seen. A query that starts while something is under way is
 * therefore handed on when its first document is asked for.
 */
import { hostConvex } from "./hostContext.js";

/** A query: what convex-test is to be asked, or the number that it has given to it. */
type Stream = { readonly argsJson: string } | { readonly hostId: number };

/** Numbers are the call's own, as on a backend: they do not tell of other calls. */
export class QueryStreams {
  readonly #streams: Stream[] = [];

  /** Opens a query, now or later. Gives the answer to `1.0/queryStream`. */
  open(argsJson: string, isLater: boolean): string {
    this.#streams.push(isLater ? { argsJson } : { hostId: start(argsJson) });
    return JSON.stringify({ queryId: this.#streams.length - 1 });
  }

  /** Gives the answer to `1.0/queryStreamNext`. */
  next(argsJson: string): Promise<string> {
    const { queryId } = JSON.parse(argsJson) as { readonly queryId: number };
    const stream = this.#streams[queryId];
    if (stream === undefined) throw new Error("Bad queryId");
    const hostId = "hostId" in stream ? stream.hostId : start(stream.argsJson);
    this.#streams[queryId] = { hostId };
    return hostConvex().asyncSyscall("1.0/queryStreamNext", JSON.stringify({ queryId: hostId }));
  }
}

function start(argsJson: string): number {
  return (JSON.parse(hostConvex().syscall("1.0/queryStream", argsJson)) as { readonly queryId: number }).queryId;
}
