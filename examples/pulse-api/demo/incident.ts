/** The incident: a release adds a filter and forgets its index. Half the requests are as fast as before, the slowest are not. */
import type { Database } from "../src/database/database.js";
import { type Measured, measure } from "./measure.js";
import { traffic } from "./traffic.js";

/** One phase of the story, as clients saw it. */
export interface Phase {
  readonly title: string;
  readonly measured: Measured;
}

/** Of the requests of a phase, so many come before anything is measured: connections, compiled code and caches get warm. */
const WARM_UP = 0.5;

const REMEDY = "CREATE INDEX IF NOT EXISTS listings_material ON listings (material, price_cents)";

/** What the story is played with. */
export interface Stage {
  readonly url: string;
  readonly database: Database;
  /** Requests of each phase. */
  readonly requests: number;
  readonly log: (line: string) => void;
}

/** Plays it, and repairs it. */
export async function playIncident({ url, database, requests, log }: Stage): Promise<readonly Phase[]> {
  await database.query("DROP INDEX IF EXISTS listings_material");
  await measure(url, traffic("before", 1), Math.ceil(requests * WARM_UP));
  log(`${requests} requests to release 1.3 …`);
  const before = await measure(url, traffic("before", 2), requests);
  log(`${requests} requests to release 1.4, which lets people search by material …`);
  const after = await measure(url, traffic("after", 3), requests);
  log("The index that the traces ask for …");
  await database.query(REMEDY);
  await database.query("ANALYZE listings");
  const repaired = await measure(url, traffic("after", 4), requests);
  return [
    { title: "release 1.3", measured: before },
    { title: "release 1.4: search by material", measured: after },
    { title: "… with the index", measured: repaired },
  ];
}
