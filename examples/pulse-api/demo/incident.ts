/** The incident: a release adds a filter and forgets its index. Half the requests are as fast as before, the slowest are not. */
import type { Database } from "../src/database/database.js";
import { type Measured, measure } from "./measure.js";
import { traffic } from "./traffic.js";

/** One phase of the story, as clients saw it. */
export interface Phase {
  readonly title: string;
  readonly measured: Measured;
}

/** Requests of each phase: enough that the slowest hundredth are more than one. */
const REQUESTS = 600;

/** Requests before anything is measured: connections, compiled code and caches get warm. */
const WARM_UP = 300;

const REMEDY = "CREATE INDEX IF NOT EXISTS listings_material ON listings (material, price_cents)";

/** Plays it, and repairs it. */
export async function playIncident(
  url: string,
  database: Database,
  log: (line: string) => void,
): Promise<readonly Phase[]> {
  await database.query("DROP INDEX IF EXISTS listings_material");
  await measure(url, traffic("before", 1), WARM_UP);
  log(`${REQUESTS} requests to release 1.3 …`);
  const before = await measure(url, traffic("before", 2), REQUESTS);
  log(`${REQUESTS} requests to release 1.4, which lets people search by material …`);
  const after = await measure(url, traffic("after", 3), REQUESTS);
  log("The index that the trace asks for …");
  await database.query(REMEDY);
  await database.query("ANALYZE listings");
  const repaired = await measure(url, traffic("after", 4), REQUESTS);
  return [
    { title: "release 1.3", measured: before },
    { title: "release 1.4: search by material", measured: after },
    { title: "… with the index", measured: repaired },
  ];
}
