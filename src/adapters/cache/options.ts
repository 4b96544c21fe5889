/**
 * What a cache is told about itself. Checked when it is set, so that nothing about it can go wrong later.
 */
import { optionError, reportOnce } from "../../core/adapterOptions.js";
import type { Diagnostics } from "../../core/ports.js";

/**
 * What kind of endpoint a cache serves. The three named ones have a target of their own; any other short, stable name will
 * do.
 */
export type EndpointClass = "search" | "detail" | "aggregate" | (string & {});

/** Options of `instrumentCache`, and those of `createCache` that say what is recorded. */
export interface InstrumentCacheOptions {
  /** Name of the cache in telemetry: few and stable. @defaultValue `"redis"` for a Redis client, otherwise `"cache"` */
  readonly name?: string | undefined;
  /** The endpoints it serves: `cache.endpoint.class` of its look-ups. @defaultValue none */
  readonly class?: EndpointClass | undefined;
  /**
   * The share of look-ups, from 0 to 1, that should hit: `cache.target_hit_ratio` of its look-ups, for alerts.
   *
   * @defaultValue that of the class: 0.6 for `search`, 0.8 for `detail`, 0.9 for `aggregate`; none for others
   */
  readonly targetHitRatio?: number | undefined;
  /** Where this library reports about itself, once for each reason. @defaultValue `console.warn` and `console.error` */
  readonly diagnostics?: Diagnostics | undefined;
}

/** Whose look-ups they are. */
export interface EndpointProfile {
  readonly endpointClass: EndpointClass | undefined;
  readonly targetHitRatio: number | undefined;
}

/** What is known of a cache. */
export interface CacheProfile extends EndpointProfile {
  readonly name: string;
  /** Whether an operation may start spans. Where none does, its own span need not be active, which takes as long as half of it. */
  readonly startsSpans: "maybe" | "never";
  /** Says a thing once. Never throws. */
  readonly report: Diagnostics;
}

const TARGETS = { search: 0.6, detail: 0.8, aggregate: 0.9 } as const;

/**
 * Checks options and fills in the defaults.
 *
 * @throws TypeError naming the option, what was given and what is allowed
 */
export function resolveProfile(
  where: string,
  options: InstrumentCacheOptions,
  defaultName: string,
  store: object,
): CacheProfile {
  const { name = defaultName, class: endpointClass, targetHitRatio, diagnostics = printDiagnostic } = options;
  checkName(where, "name", name);
  if (endpointClass !== undefined) checkName(where, "class", endpointClass);
  if (targetHitRatio !== undefined && !isRatio(targetHitRatio)) {
    throw optionError(where, "targetHitRatio", targetHitRatio, "a number from 0 to 1");
  }
  if (typeof diagnostics !== "function") {
    throw optionError(where, "diagnostics", diagnostics, "a function (diagnostic) => void");
  }
  return {
    name,
    startsSpans: Object.getPrototypeOf(store) === Map.prototype ? "never" : "maybe",
    ...endpointProfile(endpointClass, targetHitRatio),
    report: reportOnce(diagnostics),
  };
}

/** The profile of a class, with its own target unless another one is given. */
export function endpointProfile(
  endpointClass: EndpointClass | undefined,
  targetHitRatio: number | undefined,
): EndpointProfile {
  const target = endpointClass !== undefined && Object.hasOwn(TARGETS, endpointClass);
  return {
    endpointClass,
    targetHitRatio: targetHitRatio ?? (target ? TARGETS[endpointClass as keyof typeof TARGETS] : undefined),
  };
}

function checkName(where: string, option: string, given: unknown): void {
  if (typeof given !== "string" || given === "") throw optionError(where, option, given, "a string that is not empty");
}

function isRatio(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value <= 1;
}

function printDiagnostic({ level, code, message }: Parameters<Diagnostics>[0]): void {
  console[level](`[convex-otel] ${code}: ${message}`);
}
