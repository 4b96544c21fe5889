/** Targets of requests, of every form that clients send. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pathAndQuery } from "../../../src/adapters/http/target.js";

describe("a target", () => {
  it.each([
    ["/", "/", ""],
    ["", "/", ""],
    ["/items/42", "/items/42", ""],
    ["/items?q=a&r=b", "/items", "q=a&r=b"],
    ["/items?", "/items", ""],
    ["/items?a?b", "/items", "a?b"],
    ["/items#part?q", "/items", ""],
    ["/items?q#part?r", "/items", "q"],
    ["//host/path?q", "//host/path", "q"],
    ["*", "*", ""],
    ["?q", "/", "q"],
    ["http://user:pw@host:1/a?b#c", "/a", "b"],
    ["HTTP://host", "/", ""],
    ["host:443", "host:443", ""],
  ])("%s", (target, path, query) => {
    expect(pathAndQuery(target)).toEqual({ path, query });
  });

  it("that is a path is taken apart as a URL would be", () => {
    const text = fc.array(fc.constantFrom("/", "?", "#", "a", "%20", "=", "&", "é"), { maxLength: 12 });
    fc.assert(
      fc.property(text, (parts) => {
        const target = `/${parts.join("")}`;
        expect(pathAndQuery(target)).toEqual(pathAndQuery(`http://host${target}`));
      }),
    );
  });
});
