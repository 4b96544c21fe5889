/** Plans of MySQL and MariaDB on a connection that nobody else needs: another one of the pool, or one that is opened for it. */
import { suppressTracing } from "../../../core/api.js";
import type { Members } from "../../../core/patchMethod.js";
import {
  answered,
  explainWithin,
  isRestored,
  type MysqlConnection,
  type MysqlValues,
  settingsOf,
} from "./mysqlExplain.js";
import { mysqlPlan } from "./mysqlPlan.js";
import type { PlanSource } from "./slowPlans.js";

interface MysqlPoolConnection extends MysqlConnection {
  release(): void;
}

interface MysqlLoneConnection extends MysqlConnection {
  readonly stream?: { unref?(): void };
  on(event: "error", listener: () => void): unknown;
  end(answer: () => void): void;
}

/** The part of a pool that is used. */
interface MysqlPoolState {
  readonly _closed?: unknown;
  readonly _connectionQueue?: Members;
  readonly _freeConnections?: Members;
  readonly _allConnections?: Members;
  readonly config?: Members;
  getConnection(answer: (thrown: unknown, connection?: MysqlPoolConnection) => void): void;
}

/** Plans on connections of a pool. */
export function mysqlPoolPlans(pool: object): PlanSource {
  const state = pool as MysqlPoolState;
  return {
    format: mysqlPlan,
    isFree() {
      const { _closed, _connectionQueue: waiting, _freeConnections: free, _allConnections: all, config } = state;
      if (_closed === true || Number(waiting?.["length"]) > 0) return false;
      const limit = Number(config?.["connectionLimit"]);
      return Number(free?.["length"]) > 0 || limit === 0 || Number(all?.["length"]) < limit;
    },
    async explain(sql, values) {
      const connection = await answered<MysqlPoolConnection>((answer) => state.getConnection(answer));
      const session = { isAsItWas: true };
      try {
        return await suppressTracing(() => explainAndRestore(connection, session, sql, values as MysqlValues));
      } finally {
        if (session.isAsItWas) connection.release();
        else connection.destroy();
      }
    },
  };
}

/** Asks for the plan, and notes whether the connection is as it was then. */
async function explainAndRestore(
  connection: MysqlConnection,
  session: { isAsItWas: boolean },
  sql: string,
  values: MysqlValues,
): Promise<unknown> {
  const settings = await settingsOf(connection);
  session.isAsItWas = false;
  try {
    return await explainWithin(settings, connection, sql, values);
  } finally {
    session.isAsItWas = await isRestored(settings, connection);
  }
}

/** Milliseconds that connecting may take: as long as that may a process that ends be held up by an address that is silent. */
const CONNECT_TIMEOUT_MS = 2000;

/** Plans for a connection that is in no pool, on one that is opened for each of them with the same parameters. */
export function mysqlConnectionPlans(connection: object): PlanSource {
  const own = connection as MysqlConnection;
  return {
    format: mysqlPlan,
    // A stream that is open already is that of the user's connection.
    isFree: () => own.config !== undefined && typeof own.config["stream"] !== "object",
    explain: (sql, values) => suppressTracing(() => explainOnAnother(own, sql, values as MysqlValues)),
  };
}

async function explainOnAnother(own: MysqlConnection, sql: string, values: MysqlValues): Promise<unknown> {
  const another = anotherConnection(own);
  try {
    return await explainWithin(await settingsOf(another), another, sql, values);
  } finally {
    another.end(() => another.destroy());
  }
}

/** A connection like another one, with a configuration of its own, as `changeUser` writes into it. Keeps no process alive. */
function anotherConnection(own: MysqlConnection): MysqlLoneConnection {
  const { config = {} } = own;
  const copy = Object.create(Reflect.getPrototypeOf(config), Object.getOwnPropertyDescriptors(config)) as object;
  const Connection = own.constructor as new (options: object) => MysqlLoneConnection;
  const another = new Connection({ config: Object.assign(copy, { connectTimeout: CONNECT_TIMEOUT_MS }) });
  another.on("error", () => undefined);
  another.stream?.unref?.();
  return another;
}
