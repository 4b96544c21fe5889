/**
 * What a span of a server has to be told when it ends, instead of each time that it changes: counts, which are written once however
 * often something is counted. Apart from the spans, since another copy of this library may be the one that counts.
 */

/** Where a span keeps it. Undefined on spans that run it and have nothing to run; spans of others have no such member. */
export const BEFORE_END = Symbol.for("convex-otel.before-end.v1");

/** A span that runs something when it ends, as the last thing while it is recorded. */
export interface EndingSpan {
  [BEFORE_END]: (() => void) | undefined;
}

/** Has `run` called when the span ends. False if the span knows no such thing. `run` must not throw. */
export function beforeEnd(span: object, run: () => void): boolean {
  if (!(BEFORE_END in span)) return false;
  const ending = span as EndingSpan;
  const others = ending[BEFORE_END];
  ending[BEFORE_END] = others === undefined ? run : inTurn(others, run);
  return true;
}

function inTurn(first: () => void, second: () => void): () => void {
  return () => {
    first();
    second();
  };
}
