/** `instrumentPg`: node-postgres 8, its pools and its clients. */
import { callerContext } from "../../../core/callerContext.js";
import { hasMethod, isWrappedByOthers, type Members, patchMethod, patchRecorded } from "../../../core/patchMethod.js";
import { recordedSpan } from "../../../core/recordedSpan.js";
import { pgClientPlans } from "../plans/pgClientPlans.js";
import { pgPoolPlans } from "../plans/pgPoolPlans.js";
import { slowPlans } from "../plans/slowPlans.js";
import { type CommentOptions, type InstrumentSqlOptions, resolveSql, type SqlConfig } from "./options.js";
import { configOf, runPgQuery, textOf, valuesOf } from "./pgQuery.js";
import { pgTarget } from "./pgTarget.js";
import { type RunningQuery, startQuery, type Statement } from "./querySpan.js";
import { type SqlClient, sqlClient } from "./sqlClient.js";
import { claim, inside, isInside } from "./state.js";

/** Options of `instrumentPg`. */
export interface InstrumentPgOptions extends InstrumentSqlOptions, CommentOptions {}

/** The part of a `Pool` or `Client` of node-postgres that is used. */
export interface PgLike {
  query(...args: never[]): unknown;
  connect(...args: never[]): unknown;
}

/** What a pool has besides. */
interface PgPool extends Members {
  readonly totalCount: number;
  readonly options?: object;
  readonly Client?: { readonly prototype?: object };
  on(event: "acquire", listener: (client: object) => void): unknown;
}

const WHERE = "instrumentPg";

/**
 * Instruments a `Pool` or a `Client` of node-postgres (`pg` 8): each statement becomes a CLIENT span named by its summary,
 * `SELECT pets`, with the text without literals, a fingerprint, and how many rows came back. The span of `pool.query` covers
 * the wait for a connection; clients of `pool.connect()` are seen, too. Of cursors and streams (`pg-cursor`,
 * `pg-query-stream`) the span lasts until they are read or closed. Parameters are never recorded, and spans are recorded
 * below spans only: where nothing is traced, nothing is done.
 *
 * Results, errors and order stay the same, callbacks and promises alike. The pool itself is changed, so whoever else uses it
 * is seen as well. A second call for the same one changes nothing, and says so through `diagnostics`; so does a driver that
 * `@opentelemetry/instrumentation-pg` has wrapped.
 *
 * @returns what was given.
 * @throws TypeError if it is neither, or an option is wrong.
 * @example
 * ```ts
 * import { instrumentPg, type PgLike } from "convex-otel/sql";
 *
 * declare const pool: PgLike; // new Pool({ connectionString: process.env.DATABASE_URL })
 * instrumentPg(pool, { slowQueryPlans: { thresholdMs: 200 } });
 * ```
 */
export function instrumentPg<Client extends PgLike>(poolOrClient: Client, options: InstrumentPgOptions = {}): Client {
  if (!isPgLike(poolOrClient)) throw new TypeError(`${WHERE}: give a Pool or a Client of node-postgres (pg 8).`);
  const config = resolveSql(WHERE, options);
  const pool = isPool(poolOrClient) ? poolOrClient : undefined;
  const source = pool === undefined ? pgClientPlans(poolOrClient) : pgPoolPlans(pool);
  const client = sqlClient(config, "postgresql", {
    target: pgTarget(pool === undefined ? poolOrClient : (pool.options ?? {})),
    plans: slowPlans(WHERE, options.slowQueryPlans, source),
  });
  if (!claim(poolOrClient)) {
    sayTwice(config, "The pool or client is instrumented already; the options of the first call hold.");
  } else if (isWrappedByOthers(pool?.Client?.prototype ?? poolOrClient, ["query", "connect"])) {
    sayTwice(config, "Another instrumentation records the statements of node-postgres; none are recorded here.");
  } else if (pool === undefined) {
    patchClient(poolOrClient, client);
  } else {
    patchPool(pool, client);
  }
  return poolOrClient;
}

function sayTwice({ report }: SqlConfig, message: string): void {
  report({ level: "warn", code: "sql.instrumented_twice", message });
}

function isPgLike(given: unknown): given is PgLike {
  return typeof given === "object" && given !== null && hasMethod(given, "query") && hasMethod(given, "connect");
}

function isPool(given: object): given is PgPool {
  return typeof (given as PgPool).totalCount === "number" && hasMethod(given, "on");
}

function patchClient(target: object, client: SqlClient): void {
  patchRecorded(target, "query", (asking, send, args) => {
    if (isInside()) return send();
    return runPgQuery(client, startQuery(asking, client, statementOf(target, args)), args, send);
  });
}

/**
 * `query` of a pool calls its `connect` at once, and the `query` of the client that it is given when one is free: in another
 * request, as far as anybody can tell. So the pool's own call is recorded, and the client's is not.
 */
function patchPool(pool: PgPool, client: SqlClient): void {
  let asking: RunningQuery | "not recorded" | undefined;
  patchMethod(pool, "query", (send, args) => {
    const span = recordedSpan();
    const query = span === undefined ? undefined : startQuery(span, client, statementOf(pool, args));
    const call: typeof send = (given) => {
      asking = query ?? "not recorded";
      try {
        return send(given);
      } finally {
        asking = undefined;
      }
    };
    return query === undefined ? call() : runPgQuery(client, query, args, call);
  });
  patchMethod(pool, "connect", (connect, [callback, ...rest]) => {
    if (typeof callback !== "function") return connect();
    const asked = asking;
    const within = asked === undefined ? callerContext() : inside;
    const connected = (...given: unknown[]): unknown => {
      if (typeof asked === "object") asked.sent();
      return within((): unknown => Reflect.apply(callback, undefined, given));
    };
    return connect([connected, ...rest]);
  });
  pool.on("acquire", (connection) => {
    if (!claim(connection)) return;
    client.target = pgTarget(connection);
    patchClient(connection, client);
  });
}

/** A prepared statement may be named without its text, once the connection knows it. */
function statementOf(target: object, [first, second]: readonly unknown[]): Statement {
  const { name } = configOf(first);
  const sql = textOf(first) ?? (typeof name === "string" ? preparedText(target, name) : undefined);
  return { sql, values: Array.isArray(second) ? second : valuesOf(first) };
}

function preparedText(target: object, name: string): unknown {
  const { connection } = target as { readonly connection?: { readonly parsedStatements?: Members } };
  return connection?.parsedStatements?.[name];
}
