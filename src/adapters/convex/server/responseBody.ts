/** Watches a response body pass by, without buffering it and without changing a byte. */
import type { TracedCall } from "./tracedCall.js";

/** How a body ended: read to its end, given up by the reader, or failed by whoever writes it. */
export type BodyEnd =
  { readonly type: "closed" } | { readonly type: "cancelled" } | { readonly type: "failed"; readonly thrown: unknown };

/**
 * A stream with the same chunks. `onEnd` is called once and awaited before the end is passed on: Convex stops an HTTP
 * action when its body is closed, so what has to happen must happen before. The writer runs within the call, so that
 * what it traces while streaming is recorded.
 *
 * @throws TypeError if the body is already being read.
 */
export function onBodyEnd(
  body: ReadableStream<Uint8Array>,
  call: TracedCall,
  onEnd: (how: BodyEnd) => Promise<void>,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  // The platform pulls from outside of the call.
  const inCall = call.capture();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let chunk: ReadableStreamReadResult<Uint8Array>;
        try {
          chunk = await inCall(() => reader.read());
        } catch (thrown) {
          await inCall(() => onEnd({ type: "failed", thrown }));
          throw thrown;
        }
        if (!chunk.done) return controller.enqueue(chunk.value);
        await inCall(() => onEnd({ type: "closed" }));
        controller.close();
      },
      async cancel(reason) {
        try {
          await reader.cancel(reason);
        } finally {
          await inCall(() => onEnd({ type: "cancelled" }));
        }
      },
    },
    // Nothing is read ahead: the writer sees the demand of the real reader.
    { highWaterMark: 0 },
  );
}
