/**
 * The queries that a call has open. convex-test reads all documents of a query when it starts; Convex reads each when it is asked
 * for, so what the function has written before, awaited or not, is seen. A query that starts while something is under way is
 * therefore handed on when its first document is asked for.
 */
import { hostConvex } from "./hostContext.js";
import type { TransactionRecorder } from "./transactionRecorder.js";

/** A query: what convex-test is to be asked, or the number that it has given to it. */
type Stream = ({ readonly argsJson: string } | { readonly hostId: number }) & {
  readonly note: (answerJson: string) => void;
};

/** Numbers are the call's own, as on a backend: they do not tell of other calls. */
export class QueryStreams {
  readonly #streams: Stream[] = [];
  readonly #recorder: Pick<TransactionRecorder, "query">;

  constructor(recorder: Pick<TransactionRecorder, "query">) {
    this.#recorder = recorder;
  }

  /** Opens a query, now or later. Gives the answer to `1.0/queryStream`. */
  open(argsJson: string, isLater: boolean): string {
    const note = this.#recorder.query(argsJson);
    this.#streams.push(isLater ? { argsJson, note } : { hostId: start(argsJson), note });
    return JSON.stringify({ queryId: this.#streams.length - 1 });
  }

  /** Gives the answer to `1.0/queryStreamNext`. */
  async next(argsJson: string): Promise<string> {
    const { queryId } = JSON.parse(argsJson) as { readonly queryId: number };
    const stream = this.#streams[queryId];
    if (stream === undefined) throw new Error("Bad queryId");
    const hostId = "hostId" in stream ? stream.hostId : start(stream.argsJson);
    const { note } = stream;
    this.#streams[queryId] = { hostId, note };
    const answer = await hostConvex().asyncSyscall("1.0/queryStreamNext", JSON.stringify({ queryId: hostId }));
    note(answer);
    return answer;
  }
}

function start(argsJson: string): number {
  return (JSON.parse(hostConvex().syscall("1.0/queryStream", argsJson)) as { readonly queryId: number }).queryId;
}
