/** `instrumentMysql2`: its pools and connections, with callbacks and with promises. */
import { callerContext } from "../../../core/callerContext.js";
import { observe } from "../../../core/observe.js";
import { hasMethod, isWrappedByOthers, type Members, patchMethod, patchRecorded } from "../../../core/patchMethod.js";
import { recordedSpan } from "../../../core/recordedSpan.js";
import { DB_SYSTEM_NAME } from "../../../semconv/attributes.js";
import { mysqlConnectionPlans, mysqlPoolPlans } from "../plans/mysqlPlans.js";
import type { MysqlValues } from "../plans/mysqlExplain.js";
import { type SlowPlans, slowPlans } from "../plans/slowPlans.js";
import { commented } from "./comment.js";
import { mysqlSystem, mysqlTarget } from "./mysqlTarget.js";
import { type CommentOptions, type InstrumentSqlOptions, resolveSql, type SqlConfig } from "./options.js";
import { type RunningQuery, startQuery, type Statement } from "./querySpan.js";
import { type SqlClient, sqlClient } from "./sqlClient.js";
import { claim, inside, isInside, outside } from "./state.js";

/** Options of `instrumentMysql2`. */
export interface InstrumentMysql2Options extends InstrumentSqlOptions, CommentOptions {}

/** The part of a pool or connection of mysql2 that is used, of `mysql2` and `mysql2/promise` alike. */
export interface Mysql2Like {
  query(...args: never[]): unknown;
  execute(...args: never[]): unknown;
}

const WHERE = "instrumentMysql2";

/**
 * Instruments a pool or a connection of mysql2 (3), with callbacks or promises: what `query` and `execute` run becomes CLIENT
 * spans as those of {@link instrumentPg}, of `mysql` or `mariadb`, whichever the server says it is. What is behind a pool of
 * promises is seen as well. Plans of slow queries are taken on another connection of the pool, if one is free, or on one that is
 * opened for them.
 *
 * @returns what was given.
 * @throws TypeError if it is neither, or an option is wrong.
 * @example
 * ```ts
 * import { instrumentMysql2, type Mysql2Like } from "convex-otel/sql";
 *
 * declare const pool: Mysql2Like; // mysql.createPool(process.env.DATABASE_URL)
 * instrumentMysql2(pool, { slowQueryPlans: { thresholdMs: 200 } });
 * ```
 */
export function instrumentMysql2<Client extends Mysql2Like>(
  poolOrConnection: Client,
  options: InstrumentMysql2Options = {},
): Client {
  if (!isMysql2Like(poolOrConnection)) throw new TypeError(`${WHERE}: give a pool or a connection of mysql2.`);
  const config = resolveSql(WHERE, options);
  const core = withoutPromises(poolOrConnection);
  const isPool = hasMethod(core, "getConnection");
  const plans = slowPlans(WHERE, options.slowQueryPlans, isPool ? mysqlPoolPlans(core) : mysqlConnectionPlans(core));
  if (!claim(core)) {
    sayTwice(config, "The pool or connection is instrumented already; the options of the first call hold.");
  } else if (isWrappedByOthers(core, ["query", "execute"])) {
    sayTwice(config, "Another instrumentation records the statements of mysql2; none are recorded here.");
  } else if (isPool) {
    patchPool(core, config, plans);
  } else {
    patchStatements(core, knownClient(config, core, plans));
  }
  return poolOrConnection;
}

function sayTwice({ report }: SqlConfig, message: string): void {
  report({ level: "warn", code: "sql.instrumented_twice", message });
}

function isMysql2Like(given: unknown): given is Mysql2Like {
  return typeof given === "object" && given !== null && hasMethod(given, "query") && hasMethod(given, "execute");
}

/** Pools and connections of promises call one with callbacks, which they hold. */
function withoutPromises(given: object): object {
  const { pool, connection } = given as Members;
  for (const held of [pool, connection]) if (isMysql2Like(held)) return held;
  return given;
}

/** The client of a connection. Its system is known as soon as a server has answered. */
function knownClient(config: SqlConfig, connection: object, plans: SlowPlans | undefined): () => SqlClient {
  const target = mysqlTarget(memberOf(connection, "config"));
  let client: SqlClient | undefined;
  return () => {
    const system = mysqlSystem(connection);
    if (client === undefined || (system !== undefined && client.system !== system)) {
      client = sqlClient(config, system ?? "mysql", { target, plans });
    }
    return client;
  };
}

/**
 * `query` of a pool asks its `getConnection` at once, and runs the statement on the connection when there is one: in another
 * request, as far as anybody can tell. So the pool's own call is recorded, and the connection's is not.
 */
function patchPool(pool: object, config: SqlConfig, plans: SlowPlans | undefined): void {
  const target = mysqlTarget(memberOf(memberOf(pool, "config"), "connectionConfig"));
  let client = sqlClient(config, "mysql", { target, plans });
  let asking: RunningQuery | "not recorded" | undefined;
  for (const method of ["query", "execute"] as const) {
    patchMethod(pool, method, (send, args) => {
      const span = recordedSpan();
      const query = span === undefined ? undefined : startQuery(span, client, statementOf(method, args));
      const call: typeof send = (given) => {
        asking = query ?? "not recorded";
        try {
          return send(given);
        } finally {
          asking = undefined;
        }
      };
      return query === undefined ? call() : runQuery(client, query, method, args, call);
    });
  }
  patchMethod(pool, "getConnection", (get, [callback, ...rest]) => {
    if (typeof callback !== "function") return get();
    const asked = asking;
    const systemThen = client.system;
    const within = asked === undefined ? callerContext() : inside;
    return get([
      (...given: unknown[]): unknown => {
        const [, connection] = given;
        if (isMysql2Like(connection)) {
          const system = mysqlSystem(connection);
          if (system !== undefined && system !== client.system) client = sqlClient(config, system, { target, plans });
          if (claim(connection)) patchStatements(connection, () => client);
          // A statement that waited for the first connection was taken for one of MySQL.
          if (typeof asked === "object" && client.system !== systemThen) {
            asked.span?.setAttribute(DB_SYSTEM_NAME, client.system);
          }
        }
        return within((): unknown => Reflect.apply(callback, undefined, given));
      },
      ...rest,
    ]);
  });
}

function patchStatements(connection: object, client: () => SqlClient): void {
  for (const method of ["query", "execute"] as const) {
    patchRecorded(connection, method, (asking, send, args) => {
      if (isInside()) return send();
      const own = client();
      // `execute` runs `query` in some versions; what it does then is part of it.
      return runQuery(own, startQuery(asking, own, statementOf(method, args)), method, args, (given) => {
        return inside(() => send(given));
      });
    });
  }
}

type Method = MysqlValues["method"];

/** A text, options with a text, or a command made of them earlier; and values, which may be in the options. */
function statementOf(method: Method, [first, second]: readonly unknown[]): Statement {
  const options = memberOf({ first }, "first");
  const given = typeof second === "function" ? undefined : second;
  const sent: MysqlValues = {
    method,
    values: given ?? options["values"],
    namedPlaceholders: options["namedPlaceholders"],
  };
  return { sql: typeof first === "string" ? first : options["sql"], values: sent };
}

function runQuery(
  client: SqlClient,
  query: RunningQuery,
  method: Method,
  [first, ...rest]: readonly unknown[],
  send: (args: readonly unknown[]) => unknown,
): unknown {
  // A prepared statement is kept by its text.
  const sql = method === "query" ? commented(client, first, query) : first;
  const callbackAt = rest.findIndex((arg) => typeof arg === "function");
  const callback = rest[callbackAt];
  const inContext = callerContext();
  const ending = (...given: unknown[]): unknown => {
    const [thrown, rows, fields] = given;
    if (thrown !== null && thrown !== undefined) query.end({ thrown });
    else query.end({ value: rows }, returnedRows(rows, fields));
    return inContext(() => outside((): unknown => Reflect.apply(callback as () => unknown, undefined, given)));
  };
  const args = callbackAt < 0 ? rest : rest.map((arg, at) => (at === callbackAt ? ending : arg));
  return observe(
    () => {
      const command = send([sql, ...args]);
      if (callbackAt < 0 && typeof command === "object" && command !== null) watchCommand(query, command);
      return command;
    },
    (outcome) => "thrown" in outcome && query.end(outcome),
  );
}

/** Without a callback, rows come as events. The command is listened to by what it says, since a listener of errors would handle them. */
function watchCommand(query: RunningQuery, command: object): void {
  let rows: number | undefined;
  patchMethod(command, "emit", (emit, [event, value]) => {
    if (event === "fields" && Array.isArray(value)) rows ??= 0;
    else if (event === "result" && rows !== undefined) rows += 1;
    else if (event === "error") query.end({ thrown: value });
    else if (event === "end") query.end({ value: undefined }, rows);
    return emit();
  });
}

/** Rows of one result, or of several; what only says how many rows a write changed has no columns. */
function returnedRows(rows: unknown, fields: unknown): number | undefined {
  if (!Array.isArray(rows) || !Array.isArray(fields)) return undefined;
  const lists = (fields as readonly unknown[]).some((field) => Array.isArray(field) || field === undefined)
    ? (rows as readonly unknown[]).filter((each) => Array.isArray(each))
    : [rows as readonly unknown[]];
  return lists.length === 0 ? undefined : lists.reduce<number>((sum, list) => sum + (list as unknown[]).length, 0);
}

function memberOf(target: object, name: string): Members {
  const value = (target as Members)[name];
  return typeof value === "object" && value !== null ? (value as Members) : {};
}
