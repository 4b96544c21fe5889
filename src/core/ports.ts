/**
 * What the core needs from the outside world. The core itself never touches a clock, a random generator, the
 * environment, the console or the network: Convex forbids or replays them depending on the function type, so each
 * adapter hands in what is right where it runs, and tests hand in fakes.
 */
import type { CallSpan } from "./callSpan.js";
import type { OtelContext } from "./otelGlobal.js";

/** Tells the time. */
export interface Clock {
  /** Milliseconds since the Unix epoch, with fractions. Never goes backwards within one execution. */
  now(): number;
}

/** A stream of random numbers for ids. Never used for secrets. */
export interface Random {
  /** The next uniformly distributed unsigned 32-bit integer. */
  uint32(): number;
}

/** Reads one environment variable. Convex cannot list them, so every name is spelled out where it is read. */
export type Env = (name: string) => string | undefined;

/** Something the library has to say about itself: a loss, a bad setting, an unreachable endpoint. */
export interface Diagnostic {
  readonly level: "warn" | "error";
  /** Stable, for filtering and tests: `export.rejected`, `env.invalid`, … */
  readonly code: string;
  /** One sentence: what happened, and what to do about it. Never contains headers, keys or payloads. */
  readonly message: string;
  /** How many spans were lost, if any were. */
  readonly droppedSpans?: number;
}

/** Where the library reports about itself. Must not throw; what it throws is ignored. */
export type Diagnostics = (diagnostic: Diagnostic) => void;

/** What all spans of one execution share. */
export interface CallScope {
  /** How many scheduled or HTTP hops lie between the root of the trace and this execution. */
  readonly hops: number;
  /** When the root of the trace started, in milliseconds since the Unix epoch. */
  readonly rootStartTime: number;
  /** The id that ties this trace to what users and other systems call it; undefined while nobody has named one. */
  correlationId: string | undefined;
  /** The span of the execution itself, where it has one. */
  readonly entry?: CallSpan | undefined;
  /**
   * Set where libraries that trace through `@opentelemetry/api` join the execution: what becomes of the content of model
   * calls (prompts, answers, arguments of tools) that they put into attributes.
   */
  aiContent?: AiContent | undefined;
}

/** What becomes of the content of model calls in spans of libraries. */
export type AiContent = "omit" | "record";

/** What is active at a point of the program: the span, and the execution that records it. */
export interface ActiveContext {
  /** The active span, or undefined where tracing is suppressed. */
  readonly span: CallSpan | undefined;
  readonly call: CallScope;
  /** What code that uses `@opentelemetry/api` made active, and the span that was active with it. */
  readonly otel?: { readonly context: OtelContext; readonly span: CallSpan | undefined };
}

/** Holds the active context across `await`. */
export interface ContextStore {
  active(): ActiveContext | undefined;
  /** Runs `fn` with `context` active in it and in everything it awaits; `undefined` clears it. */
  run<T>(context: ActiveContext | undefined, fn: () => T): T;
  /** A function that runs others in the asynchronous context of now, for callbacks that somebody else will call. */
  capture(): <T>(fn: () => T) => T;
}

/** What became of an attempt to send. A closed union: every caller handles every case. */
export type ExportResult =
  | {
      readonly outcome: "delivered";
      /** Spans the backend took note of but did not accept (OTLP partial success). Never sent again. */
      readonly rejectedSpans: number;
      readonly message?: string;
    }
  | {
      /** Worth another try later (429, 502, 503, 504, no answer). */
      readonly outcome: "retry";
      /** What is still to be sent; the rest was delivered. */
      readonly texts: readonly string[];
      readonly rejectedSpans: number;
      readonly retryAfterMs?: number;
      readonly message: string;
    }
  | {
      /** Will never be accepted (400, 401, 413 of a single span, …). */
      readonly outcome: "rejected";
      readonly rejectedSpans: number;
      readonly message: string;
    };

/** How an attempt to send is bounded and configured. */
export interface SendOptions {
  readonly env: Env;
  /** Upper bound of the whole attempt, in milliseconds. The exporter's own timeout applies if it is shorter. */
  readonly timeoutMs?: number;
}

/**
 * The way out for spans. Made by `convex-otel/otlp`; adapters only see this interface, so that none of them imports a
 * transport.
 */
export interface Exporter {
  /** For messages: `honeycomb`, `otlp`, … */
  readonly name: string;
  /**
   * Whether there is somewhere to send to. Cheap: called at the start of each traced call. While it says no, nothing is
   * recorded, injected, scheduled or written.
   */
  isConfigured(env: Env): boolean;
  /**
   * Sends texts made by `encodeSpans`, joined into as few requests as the destination's limits allow.
   * Never throws and never retries by itself.
   */
  send(texts: readonly string[], options: SendOptions): Promise<ExportResult>;
}
