/**
 * `convex-otel/testing`: see in a test what a program traces. Works with any test runner; failures are plain errors.
 *
 * For Node. Nothing here belongs into a Convex deployment.
 */
export { decodeOtlp } from "./decodeOtlp.js";
export type { DecodedSpan, DecodeOtlpOptions } from "./decodeOtlp.js";
export type { OtlpValidation } from "./jsonPlace.js";
export { OtlpValidationError } from "./otlpValidationError.js";
export type { OtlpProblem } from "./otlpValidationError.js";
export { spanTree } from "./spanTree.js";
export type { SpanTreeOptions } from "./spanTree.js";
export { DanglingParentError, DuplicateSpanError, ParentLoopError } from "./spanTreeErrors.js";
export { waterfall } from "./waterfall.js";
export type { WaterfallOptions } from "./waterfall.js";
export { waterfallHtml } from "./waterfallHtml.js";
export type { WaterfallHtmlOptions } from "./waterfallHtml.js";
export { memoryExporter } from "./memoryExporter.js";
export type {
  MemoryAnswer,
  MemoryBatch,
  MemoryExporter,
  MemoryExporterOptions,
  MemoryScript,
} from "./memoryExporter.js";
export { startOtlpReceiver } from "./otlpReceiver.js";
export type { OtlpReceiver, OtlpReceiverOptions, WaitForSpansOptions } from "./otlpReceiver.js";
export type { ReceivedRequest } from "./receivedRequest.js";
export type { ReceiverAnswer, ReceiverFault, ReceiverReply, ReceiverScript } from "./receiverAnswer.js";
export type { SpanCondition } from "./spanWaiters.js";
export { fakeClock } from "./fakeClock.js";
export type { FakeClock } from "./fakeClock.js";
export { fakeRandom } from "./fakeRandom.js";
export type { FakeRandom } from "./fakeRandom.js";
