/**
 * Waiting for spans to arrive, with a failure that shows what did arrive: "timed out" alone never says why.
 */
import type { DecodedSpan } from "./decodeOtlp.js";
import { incompleteTree } from "./spanTree.js";

/** What to wait for: a number of different spans, or a condition on all that arrived. */
export type SpanCondition = number | ((spans: readonly DecodedSpan[]) => boolean);

/** Those who wait for spans. */
export interface SpanWaiters {
  wait(condition: SpanCondition, timeoutMs: number): Promise<readonly DecodedSpan[]>;
  /** Looks at all conditions again. */
  check(): void;
  /** Fails everybody who still waits. */
  failAll(reason: string): void;
}

/** What the waiters look at. */
export interface Arrivals {
  readonly spans: readonly DecodedSpan[];
  /** A line for each request, for the failure message. */
  readonly requestLines: () => readonly string[];
}

/** Makes {@link SpanWaiters} over arrivals that change. */
export function spanWaiters(arrivals: Arrivals): SpanWaiters {
  const waiting = new Set<{ check(): void; fail(reason: string): void }>();
  return {
    wait(condition, timeoutMs) {
      return new Promise((resolve, reject) => {
        const isMet = predicate(condition);
        const leave = (): void => {
          clearTimeout(timer);
          waiting.delete(waiter);
        };
        const waiter = {
          check(): void {
            try {
              if (!isMet(arrivals.spans)) return;
              resolve([...arrivals.spans]);
            } catch (error) {
              reject(error instanceof Error ? error : new Error(String(error)));
            }
            leave();
          },
          fail(reason: string): void {
            reject(new Error(`${reason} while waiting for ${wanted(condition)}. ${report(arrivals)}`));
            leave();
          },
        };
        const timer = setTimeout(() => waiter.fail(`Timed out after ${timeoutMs} ms`), timeoutMs);
        waiting.add(waiter);
        waiter.check();
      });
    },
    check() {
      for (const waiter of [...waiting]) waiter.check();
    },
    failAll(reason) {
      for (const waiter of [...waiting]) waiter.fail(reason);
    },
  };
}

function predicate(condition: SpanCondition): (spans: readonly DecodedSpan[]) => boolean {
  if (typeof condition === "function") return condition;
  if (!Number.isInteger(condition) || condition < 1) {
    throw new TypeError(
      `waitForSpans: ${String(condition)} is no number of spans; give an integer from 1, or a function`,
    );
  }
  return (spans) => new Set(spans.map((span) => `${span.traceId}/${span.spanId}`)).size >= condition;
}

function wanted(condition: SpanCondition): string {
  if (typeof condition === "function") return "spans that meet the condition";
  return condition === 1 ? "1 span" : `${condition} spans`;
}

function report({ spans, requestLines }: Arrivals): string {
  const requests = requestLines();
  const tree = spans.length === 0 ? "" : `\n\n${incompleteTree(spans)}`;
  const lines = requests.length === 0 ? "No request arrived." : `Requests:\n${requests.join("\n")}`;
  return `Spans that arrived: ${spans.length}. ${lines}${tree}`;
}
