/** The rewriting of minified code that the lazy build does: what the code does stays, and no name is kept. */
import vm from "node:vm";
import { transform } from "esbuild";
import { describe, expect, it } from "vitest";
import { evaluatedOnce } from "../tools/lazy/evaluatedOnce.js";
import { withoutNames } from "../tools/lazy/unnamed.js";

/** What Convex's bundler makes of a file. */
async function bundled(code: string): Promise<string> {
  const options = { minifySyntax: true, minifyIdentifiers: true, keepNames: true, target: "esnext" } as const;
  return (await transform(code, { ...options, format: "esm" })).code;
}

/** The exports of a module, after it was rewritten and bundled. */
async function evaluate(code: string): Promise<Record<string, unknown>> {
  const text = await bundled(code);
  const { code: script } = await transform(text, { format: "cjs" });
  const module = { exports: {} };
  vm.runInNewContext(`(function (module, exports) {${script}\n})`)(module, module.exports);
  return module.exports;
}

const FUNCTIONS = `
  function declared(a){return a+1}
  async function later(a){return a}
  class Counter{#n=0;up(){return++this.#n}}
  let arrow=a=>a+2,expression=function(a){return a+3},asyncArrow=async a=>a;
  const held={arrow:a=>a+4,block:a=>{let inner=b=>b+1;return inner(a)},method(a){return a+5},me(){return(()=>this)()}};
  const marked=Symbol.for("marked");
  export{declared,later,Counter,arrow,expression,asyncArrow,held,marked};
`;

describe("code without names", () => {
  it("is what esbuild finds no name in to keep", async () => {
    expect(await bundled(FUNCTIONS)).toContain("defineProperty");
    expect(await bundled(withoutNames(FUNCTIONS))).not.toContain("defineProperty");
  });

  it("costs no character beside the names", async () => {
    const text = await bundled(withoutNames("let arrow=a=>a+2;function declared(a){return arrow(a)}export{declared};"));
    expect(text).toBe(
      "let e = (r) => r + 2;\nvar t = function(r) {\n  return e(r);\n};\nexport {\n  t as declared\n};\n",
    );
  });

  it("does the same", async () => {
    const { declared, later, Counter, arrow, expression, asyncArrow, held, marked } = (await evaluate(
      withoutNames(FUNCTIONS),
    )) as Record<string, (value: number) => unknown> & {
      readonly held: Record<"arrow" | "block" | "method" | "me", (value?: number) => unknown>;
      readonly Counter: new () => { up(): number };
    };
    const counter = new Counter();
    expect([declared?.(1), arrow?.(1), expression?.(1), held.arrow(1), held.block(1), held.method(1)]).toEqual([
      2, 3, 4, 5, 2, 6,
    ]);
    expect([counter.up(), counter.up(), await later?.(7), await asyncArrow?.(8)]).toEqual([1, 2, 7, 8]);
    expect(held.me()).toBe(held);
    expect(marked).toBe(Symbol.for("marked"));
  });

  it("is dropped where nobody uses it", async () => {
    const code = withoutNames(FUNCTIONS).replace(/export\{.*\}/, "export{declared}");
    const { code: text } = await transform(code, { treeShaking: true, minifySyntax: true, format: "esm" });
    expect(text).not.toMatch(/Counter|arrow|expression|held|marked/);
  });
});

describe("modules that are evaluated once", () => {
  const first = 'import{note as n}from"second:";let count=0;function next(){return n(++count)}export{next as a};';
  const second = "const notes=[];function note(a){notes.push(a);return notes.length}export{note};";
  const modules = [
    { name: "second", code: second },
    { name: "first", code: first },
  ];

  it("share what they keep, and are evaluated by the first call", async () => {
    const exports = (await evaluate(evaluatedOnce(modules))) as {
      readonly first: () => { readonly a: () => number };
      readonly second: () => { readonly note: (value: number) => number };
    };
    expect(exports.first()).toBe(exports.first());
    expect([exports.first().a(), exports.first().a(), exports.second().note(5)]).toEqual([1, 2, 3]);
  });

  it("are dropped where nobody uses them", async () => {
    const code = evaluatedOnce(modules).replace("export var first", "var first");
    const { code: text } = await transform(code, { treeShaking: true, minifySyntax: true, format: "esm" });
    expect(text).not.toContain("count");
  });
});
