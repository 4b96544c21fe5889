/**
 * Tracing off and on, side by side, with the outbox and without: the same webhooks must leave the same documents, answers and calls behind. Ids and
 * times differ in any two runs, so they are taken out first.
 */
import { isDeepStrictEqual } from "node:util";
import type { DatabaseContent } from "./backend.js";
import type { ScenarioRun } from "./runScenario.js";

/** A number with tracing off and with tracing on. */
export interface OffAndOn {
  readonly off: number;
  readonly on: number;
}

/** What tracing changed and what it cost. */
export interface Comparison {
  readonly isEqual: boolean;
  readonly documents: OffAndOn;
  /** Runs of scheduled functions. */
  readonly scheduledRuns: OffAndOn;
  /** How many of them only carried spans away. */
  readonly deliverRuns: number;
}

/** Compares two runs of the scenario. */
export function compareRuns(off: ScenarioRun, on: ScenarioRun): Comparison {
  return {
    isEqual: isDeepStrictEqual(comparable(off), comparable(on)),
    documents: { off: countDocuments(off.content), on: countDocuments(on.content) },
    scheduledRuns: { off: off.jobs.length, on: on.jobs.length },
    deliverRuns: on.jobs.filter(({ name }) => isDelivery(name)).length,
  };
}

/** A job of the library: `deliver`, or one of the component. */
function isDelivery(name: string): boolean {
  return name === "otel:deliver" || name.startsWith("otel/");
}

/**
 * Fields that say when something happened, and the one that says in which trace: the app stores it itself, to be able
 * to link a replay.
 */
const VOLATILE_FIELDS = new Set(["_creationTime", "dueAt", "traceparent"]);

/** A run without what differs from run to run. */
export function comparable({ webhooks, content, calls }: ScenarioRun): unknown {
  const names = documentNames(content);
  return stable({ webhooks: webhooks.map(({ status, outcome }) => ({ status, outcome })), content, calls }, names);
}

/** Names for ids by their place, such as `events#1`: references between documents can still be compared. */
function documentNames(content: DatabaseContent): ReadonlyMap<unknown, string> {
  const pairs = Object.entries(content).flatMap(([table, documents]) =>
    documents.map((document, index) => [document["_id"], `${table}#${index + 1}`] as const),
  );
  return new Map(pairs);
}

function stable(value: unknown, names: ReadonlyMap<unknown, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => stable(item, names));
  if (typeof value !== "object" || value === null) return names.get(value) ?? value;
  const fields = Object.entries(value).filter(([name]) => !VOLATILE_FIELDS.has(name));
  return Object.fromEntries(fields.map(([name, field]) => [name, stable(field, names)]));
}

function countDocuments(content: DatabaseContent): number {
  return Object.values(content).reduce((sum, documents) => sum + documents.length, 0);
}
