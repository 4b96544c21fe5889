/**
 * The way out for spans, ending in memory. It takes exactly what a network exporter takes, encoded texts, and decodes
 * them with full validation: so a test that uses it covers the encoder as well.
 */
import type { Env, Exporter, ExportResult } from "../core/ports.js";
import { joinTexts } from "../otlp/encode.js";
import { decodeOtlp, type DecodedSpan, type DecodeOtlpOptions } from "./decodeOtlp.js";
import { OtlpValidationError } from "./otlpValidationError.js";

/** Options of {@link memoryExporter}. */
export interface MemoryExporterOptions extends DecodeOtlpOptions {
  /** Its name in messages. @defaultValue `"memory"` */
  readonly name?: string;
  /** What `isConfigured` says. While it is false, nothing at all is recorded. @defaultValue `true` */
  readonly configured?: boolean | ((env: Env) => boolean);
}

/** One call of `send`. */
export interface MemoryBatch {
  readonly texts: readonly string[];
  /** The request body a network exporter would send for the texts. */
  readonly body: string;
  /** The decoded spans; none if the body is not valid OTLP. */
  readonly spans: readonly DecodedSpan[];
  /** The time limit the caller set, in milliseconds. */
  readonly timeoutMs: number | undefined;
}

/**
 * How to answer a batch: a result as a real exporter returns it, or only its outcome. `"retry"` hands all texts back and
 * `"rejected"` counts all spans as lost.
 */
export type MemoryAnswer = ExportResult | ExportResult["outcome"];

/** Answers every batch with the same, with one after the other, or with what a function says. */
export type MemoryScript =
  MemoryAnswer | readonly MemoryAnswer[] | ((batch: MemoryBatch) => MemoryAnswer | Promise<MemoryAnswer>);

/** An exporter that keeps what it gets. */
export interface MemoryExporter extends Exporter {
  /**
   * The spans of all batches that were answered with "delivered", in order of arrival.
   *
   * @throws {@link OtlpValidationError} if a batch was not valid OTLP, so that no test can overlook it.
   */
  readonly spans: readonly DecodedSpan[];
  /** All calls of `send`, whatever was answered. */
  readonly batches: readonly MemoryBatch[];
  /** Forgets spans and batches. Answers set by `respondWith` stay. */
  clear(): void;
  /**
   * Decides the results of the following sends. A list is used up one by one; after that, batches are delivered again.
   * What a function throws, `send` rejects with, although a real exporter never does.
   */
  respondWith(script: MemoryScript): void;
}

/**
 * Makes a {@link MemoryExporter}.
 *
 * @example
 * ```ts
 * import { memoryExporter } from "convex-otel/testing";
 *
 * const exporter = memoryExporter();
 * exporter.respondWith(["retry"]); // the first send fails, the second one works
 * ```
 */
export function memoryExporter(options: MemoryExporterOptions = {}): MemoryExporter {
  const batches: MemoryBatch[] = [];
  const delivered: DecodedSpan[] = [];
  const invalid: OtlpValidationError[] = [];
  const { configured = true } = options;
  let responder = toResponder("delivered");
  return {
    name: options.name ?? "memory",
    isConfigured: (env) => (typeof configured === "function" ? configured(env) : configured),
    async send(texts, { timeoutMs }): Promise<ExportResult> {
      if (texts.length === 0) return { outcome: "delivered", rejectedSpans: 0 };
      const { batch, problem } = decodeBatch(texts, timeoutMs, options);
      batches.push(batch);
      if (problem !== undefined) {
        invalid.push(problem);
        return { outcome: "rejected", rejectedSpans: 0, message: problem.message };
      }
      const result = toResult(await responder(batch), batch);
      delivered.push(...deliveredSpans(batch, result, options));
      return result;
    },
    get spans() {
      const [problem] = invalid;
      if (problem !== undefined) throw problem;
      return [...delivered];
    },
    get batches() {
      return [...batches];
    },
    clear() {
      for (const list of [batches, delivered, invalid]) list.length = 0;
    },
    respondWith(script) {
      responder = toResponder(script);
    },
  };
}

interface Decoding {
  readonly batch: MemoryBatch;
  readonly problem?: OtlpValidationError;
}

function decodeBatch(texts: readonly string[], timeoutMs: number | undefined, options: DecodeOtlpOptions): Decoding {
  const batch = { texts: [...texts], body: joinTexts(texts), timeoutMs };
  try {
    return { batch: { ...batch, spans: decodeOtlp(batch.body, options) } };
  } catch (error) {
    if (error instanceof OtlpValidationError) return { batch: { ...batch, spans: [] }, problem: error };
    throw error;
  }
}

type Responder = (batch: MemoryBatch) => MemoryAnswer | Promise<MemoryAnswer>;

function toResponder(script: MemoryScript): Responder {
  if (typeof script === "function") return script;
  if (!isList(script)) return () => script;
  const left = [...script];
  return () => left.shift() ?? "delivered";
}

function isList(script: MemoryAnswer | readonly MemoryAnswer[]): script is readonly MemoryAnswer[] {
  return Array.isArray(script);
}

function toResult(answer: MemoryAnswer, batch: MemoryBatch): ExportResult {
  if (typeof answer !== "string") return answer;
  const message = `scripted outcome "${answer}"`;
  if (answer === "retry") return { outcome: answer, texts: batch.texts, rejectedSpans: 0, message };
  if (answer === "rejected") return { outcome: answer, rejectedSpans: batch.spans.length, message };
  return { outcome: answer, rejectedSpans: 0 };
}

/** What a backend would have after this answer: of a batch to be retried, the part that is not handed back. */
function deliveredSpans(batch: MemoryBatch, result: ExportResult, options: DecodeOtlpOptions): readonly DecodedSpan[] {
  if (result.outcome === "rejected") return [];
  if (result.outcome === "delivered") return batch.spans;
  const sent = batch.texts.filter((text) => !result.texts.includes(text));
  return decodeOtlp(joinTexts(sent), options);
}
