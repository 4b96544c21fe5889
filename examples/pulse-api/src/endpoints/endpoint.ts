/** What the endpoints have in common. */
import type { LoadingCache } from "convex-otel/cache";
import type { Database } from "../database/database.js";

/** One cache for each kind of endpoint: they differ in how long a value is good for, and in how often one expects to find it. */
export interface Caches {
  readonly search: LoadingCache;
  readonly detail: LoadingCache;
  readonly aggregate: LoadingCache;
}

/** What endpoints work with. */
export interface Services {
  readonly database: Database;
  readonly caches: Caches;
}

/** What a request asks for. */
export interface Question {
  /** The values of `:name` in the route. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
}

/** Answers with what is sent as JSON. Throws a `Problem` for what is no success. */
export type Endpoint = (services: Services, question: Question) => Promise<unknown>;
