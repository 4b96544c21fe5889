/** The fingerprinter with a memory: what it remembers, and that its memory is bounded. */
import { describe, expect, it } from "vitest";
import { FingerprintCache } from "../../../src/adapters/sql/fingerprintCache.js";
import { fingerprintSql, sqlFingerprinter } from "../../../src/adapters/sql/index.js";

describe("sqlFingerprinter", () => {
  it.each(["SELECT a FROM t WHERE b = $1", "SELECT a FROM t WHERE b = 'c'", "", "SELECT  a -- b"])(
    "says of %j what fingerprintSql says, again and again",
    (sql) => {
      const read = sqlFingerprinter({ dialect: "postgresql" });
      const expected = fingerprintSql(sql, { dialect: "postgresql" });
      expect([read(sql), read(sql), read(sql)]).toEqual([expected, expected, expected]);
    },
  );

  it.each([undefined, null, 5, {}])("takes %j, which is no text, for an empty one", (given) => {
    const read = sqlFingerprinter({ dialect: "postgresql" });
    const texts = [read(given as string), read(given as string)];
    expect(texts).toEqual([fingerprintSql(""), fingerprintSql("")]);
  });

  it("reads in its own dialect", () => {
    const sql = 'SELECT "a" FROM t';
    expect(sqlFingerprinter({ dialect: "mysql" })(sql).text).toBe("SELECT ? FROM t");
    expect(sqlFingerprinter({ dialect: "postgresql" })(sql).text).toBe(sql);
    expect(sqlFingerprinter()(sql).text).toBe("SELECT ? FROM t");
  });

  const isRemembered = (sql: string, cacheBytes?: number): boolean => {
    const read = sqlFingerprinter({ dialect: "postgresql", cacheBytes });
    return read(sql) === read(sql);
  };

  it.each([
    ["parameters", "SELECT a FROM t WHERE b = $1 AND c = ?", true],
    ["no values", "SELECT a  FROM t", true],
    ["a literal", "SELECT a FROM t WHERE b = 'c'", false],
    ["a number", "SELECT a FROM t LIMIT 5", false],
    ["a comment", "SELECT a FROM t /* b */", false],
    ["a string that does not end", "SELECT a FROM t WHERE b = 'c", false],
    ["a password", "CREATE USER ann IDENTIFIED BY Tiger1", false],
    ["bytes that are no text", "SELECT a \0", false],
  ])("remembers statements without data only: with %s", (_what, sql, remembered) => {
    expect(isRemembered(sql)).toBe(remembered);
  });

  it("remembers nothing if it may not", () => {
    expect(isRemembered("SELECT a FROM t", 0)).toBe(false);
  });

  it.each([-1, NaN, "1", null])("does not take %s bytes", (cacheBytes) => {
    expect(() => sqlFingerprinter({ cacheBytes: cacheBytes as number })).toThrow(
      new TypeError(`sqlFingerprinter: cacheBytes is ${String(cacheBytes)}; give a number of bytes from 0 on.`),
    );
  });
});

describe("the cache", () => {
  const entry = (i: number): string => `SELECT a${i} FROM t`.padEnd(100, " ");
  const held = (cache: FingerprintCache, count: number): number[] =>
    Array.from({ length: count }, (_, i) => i).filter((i) => cache.get(entry(i)) !== undefined);
  const filled = (count: number): FingerprintCache => {
    const cache = new FingerprintCache(40_000);
    for (let i = 0; i < count; i++) cache.add(entry(i), fingerprintSql(entry(i)));
    return cache;
  };

  it("keeps what fits", () => {
    expect(held(filled(40), 40)).toHaveLength(40);
  });

  it("forgets what was not used for longest", () => {
    const cache = new FingerprintCache(40_000);
    for (let i = 0; i < 1000; i++) {
      cache.add(entry(i), fingerprintSql(entry(i)));
      cache.get(entry(0));
    }
    const numbers = held(cache, 1000);
    expect(numbers).toContain(0);
    expect(numbers).toContain(999);
    // Of about 490 bytes each.
    expect(numbers.length).toBeLessThanOrEqual(82);
  });

  it("does not let one large statement push the others out", () => {
    const cache = filled(20);
    cache.add("x".repeat(10_000), fingerprintSql(""));
    expect(cache.get("x".repeat(10_000))).toBeUndefined();
    expect(held(cache, 20)).toHaveLength(20);
  });
});
