/** What the strict runtime tells about the calls that ran in it. */
import type { StrictRead, StrictWrite } from "./readWriteSets.js";

/** The kinds of functions that Convex runs in its own runtime. */
export type StrictFunctionType = "query" | "mutation" | "action" | "httpAction";

/** Severity of a console line, as in the function logs of a deployment. */
export type StrictLogLevel = "DEBUG" | "INFO" | "LOG" | "WARN" | "ERROR";

/** A line that a call printed. */
export interface StrictConsoleLine {
  readonly level: StrictLogLevel;
  /** All arguments as the logs show them: strings in single quotes, joined by spaces. */
  readonly text: string;
  /** Whether the line was cut at 32768 bytes. */
  readonly isTruncated: boolean;
  /** Set for lines that the platform printed itself, such as `UnawaitedOperations`. */
  readonly systemCode?: string;
}

/** What an operation does, as far as the outcome of a call can depend on it. */
export type StrictOperationKind =
  "read" | "write" | "call" | "schedule" | "metadata" | "identity" | "storage" | "fetch" | "other";

/** Something a call asked the platform for. */
export interface StrictOperation {
  readonly kind: StrictOperationKind;
  /** Convex's name for it, such as `1.0/insert`, or `fetch`. */
  readonly name: string;
  /** Its arguments as JSON text; empty for `fetch` and file storage. */
  readonly argsJson: string;
  /** When it was asked for, in milliseconds since the Unix epoch: real time, also where a test has a clock of its own. */
  readonly startTime: number;
  /** When it was answered. Undefined for what is under way, or was dropped. */
  readonly endTime: number | undefined;
}

/**
 * How a call ended: `killed` is an end that the function could not catch, such as an unhandled rejection; `conflict` is an
 * attempt at a mutation whose effects were discarded, and that was tried again.
 */
export type StrictOutcome = "running" | "returned" | "threw" | "killed" | "conflict";

/** How much was transferred between a function and its database. */
export interface StrictVolume {
  readonly documents: number;
  /** Sizes of the documents as Convex counts them: `getDocumentSize` of `convex/values`. */
  readonly bytes: number;
}

/** One execution of one function, with everything it observed. */
export interface StrictCall {
  /** Of functions of a component its path, `parent/child` if it is in another one; empty for the app. */
  readonly componentPath: string;
  /** `dir/mod:fn`; of HTTP actions, method and path of the request. */
  readonly path: string;
  readonly type: StrictFunctionType;
  /** The call whose `ctx.run*` made this one. Undefined for a call by the test, and for scheduled functions. */
  readonly parent: StrictCall | undefined;
  /** 1, or more for a mutation that is tried again after a conflict. */
  readonly attempt: number;
  readonly outcome: StrictOutcome;
  /**
   * When its handler started, in milliseconds since the Unix epoch, with fractions: real time, also where a test has a clock
   * of its own. Not what the function's clock says, which stands still in queries and is behind in mutations.
   */
  readonly startTime: number;
  /** When it ended: its handler has returned, and what it awaited is done. Undefined while it runs. */
  readonly endTime: number | undefined;
  /** Message of what it threw or was killed by. */
  readonly error: string | undefined;
  /** The arguments as JSON text, with sorted keys, as Convex puts them into cache keys. Empty for HTTP actions. */
  readonly argsJson: string;
  /** Seed of the random numbers, different for every call and attempt. */
  readonly seed: number;
  /** Reads of `Date` and `performance.now()` while it ran. */
  readonly clockReads: number;
  /** Numbers drawn by `Math.random`, `crypto.randomUUID` and `crypto.getRandomValues` while it ran. */
  readonly randomDraws: number;
  /** The same while its modules were evaluated, where Convex fixes clock and random numbers for the whole deploy. */
  readonly importReads: { readonly clock: number; readonly random: number };
  /** Names of environment variables, in the order of the reads. */
  readonly envReads: readonly string[];
  readonly console: readonly StrictConsoleLine[];
  readonly operations: readonly StrictOperation[];
  /**
   * Of queries and mutations: the ranges of indexes that it, and the calls nested in it, have read. What was read with
   * `useStaleSnapshot` is not part of it: it cannot lead to a conflict.
   */
  readonly readSet: readonly StrictRead[];
  /**
   * Of queries and mutations: the documents that it was given, without those of calls nested in it. One that is read twice
   * counts twice, as on a deployment, and whoever writes a document that is there reads it first. What a filter has left
   * out does not count.
   */
  readonly documentsRead: StrictVolume;
  /** Of mutations: the documents that it, and the calls nested in it, have written. Empty if it failed. */
  readonly writeSet: readonly StrictWrite[];
  /** What was still going on when an action had ended, by Convex's names, sorted. */
  readonly unawaited: readonly string[];
  /** Whether this call, or one nested in it, read the clock: a query is then cached for seconds instead of until it changes. */
  readonly observedTime: boolean;
  /** Whether this call, or one nested in it, drew random numbers. Convex notes it, but caches all the same. */
  readonly observedRandom: boolean;
  /**
   * Of queries: what their result is cached by, as far as the call decides it: path, arguments, and the identity if it was
   * read. Undefined for other functions, which are never cached.
   */
  readonly cacheKey: string | undefined;
}
