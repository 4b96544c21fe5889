/** What spans around a statement may know of its failure: nothing that the database, or a library in between, quotes. */
import { DrizzleQueryError } from "drizzle-orm";
import { beforeAll, describe, expect, it } from "vitest";
import { protectMessages } from "../../../src/adapters/sql/drivers/sqlMessages.js";
import { describeError } from "../../../src/core/errors.js";

beforeAll(protectMessages);

/** An error with the members that drivers give it. */
function failed(message: string, members: object): Error {
  return Object.assign(new Error(message), members);
}

const refused = failed('invalid input syntax for type integer: "secret"', { severity: "ERROR", code: "22P02" });
const signalled = failed("user secret is unknown", { errno: 1644, sqlState: "22012" });

class PrismaClientValidationError extends Error {
  override readonly name = "PrismaClientValidationError";
}

describe("the message of a failed statement", () => {
  it.each([
    ["of Postgres", refused, "invalid input syntax for type integer"],
    [
      "of MySQL",
      failed("Duplicate entry 'secret' for key 'u'", { errno: 1062, sqlState: "23000" }),
      "Duplicate entry ?",
    ],
    ["of RAISE", failed("secret", { severity: "ERROR", code: "P0001" }), ""],
    [
      "of RAISE with an SQLSTATE",
      failed("secret", { severity: "ERROR", code: "23505", routine: "exec_stmt_raise" }),
      "",
    ],
    ["of a procedure in Python", failed("secret", { severity: "ERROR", code: "38000" }), ""],
    ["of SIGNAL", failed("secret", { errno: 1644, sqlState: "45000" }), ""],
    ["of SIGNAL with an SQLSTATE", signalled, ""],
    ["of a trigger of SQLite", failed("secret", { name: "SqliteError", code: "SQLITE_CONSTRAINT_TRIGGER" }), ""],
    [
      "of Drizzle",
      new DrizzleQueryError("select $1::int", ["secret"], refused),
      "Failed query: invalid input syntax for type integer",
    ],
    ["of Drizzle without an answer", new DrizzleQueryError("select 'secret'", [], new Error("gone")), "Failed query"],
    [
      "of Prisma",
      new PrismaClientValidationError(
        '\nInvalid `prisma.pet.create()` invocation:\n\n{\n  data: { name: "secret" }\n}\n\nArgument `born` is missing.\n',
      ),
      "Argument ? is missing.",
    ],
    [
      "in a message of the program",
      new Error(`not saved: ${refused.message}`, { cause: refused }),
      "not saved: invalid input syntax for type integer",
    ],
  ])("%s holds no data", (_of, thrown, message) => {
    const described = describeError(thrown);
    expect(described.message).toBe(message);
    expect(described.stack).toMatch(/^\S*: [^\n]*\n {4}at /);
    expect(JSON.stringify(described)).not.toContain("secret");
  });

  it.each([
    ["of a program", new Error("not saved", { cause: refused }), "not saved"],
    ["of a socket", failed("connect ECONNREFUSED ::1:5432", { code: "ECONNREFUSED" }), "connect ECONNREFUSED ::1:5432"],
    ["with itself as its cause", itsOwnCause(), "round and round"],
  ])("%s stays", (_of, thrown, message) => {
    expect(describeError(thrown)).toMatchObject({ message, stack: thrown.stack });
  });
});

function itsOwnCause(): Error {
  const thrown = new Error("round and round");
  return Object.assign(thrown, { cause: thrown });
}
