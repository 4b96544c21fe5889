import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LinkRecord, SpanRecord } from "../../src/core/types.js";
import {
  DanglingParentError,
  DuplicateSpanError,
  ParentLoopError,
  spanTree,
  type SpanTreeOptions,
} from "../../src/testing/index.js";
import { buildForest, walk } from "../../src/testing/spanForest.js";
import { aSpan, spanId, spansOf, START, TRACE } from "./spans.js";

const OTHER_TRACE = "0af7651916cd43dd8448eb211c80319c";

function lines(...text: string[]): string {
  return text.join("\n");
}

function linkTo(traceId: string, id: string, attributes: LinkRecord["attributes"] = {}): LinkRecord {
  return { context: { traceId, spanId: id, traceFlags: 1 }, attributes, droppedAttributesCount: 0 };
}

function thrown(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("spanTree", () => {
  it("prints a whole trace", () => {
    const spans = spansOf(
      `
      POST /webhooks/stripe | S
        webhook verify | | | | signature_mismatch
        schedule pipeline:executeTask | P
          process pipeline:executeTask | Q
            POST api.example.com | C | | | 503
            retry | P
        route
    `.replace(/^ {6}/gm, ""),
    );
    expect(spanTree(spans)).toBe(
      lines(
        "POST /webhooks/stripe [server]",
        "├─ webhook verify",
        "│    ! error: signature_mismatch",
        "├─ schedule pipeline:executeTask [producer]",
        "│  └─ process pipeline:executeTask [consumer]",
        "│     ├─ POST api.example.com [client]",
        "│     │    ! error: 503",
        "│     └─ retry [producer]",
        "└─ route",
      ),
    );
  });

  it("is empty without spans", () => {
    expect(spanTree([])).toBe("");
  });

  it("orders siblings by start, then by arrival", () => {
    const spans = spansOf("root\n  late | | 20\n  first of two | | 10\n  second of two | | 10\n  early | | 5");
    expect(spanTree(spans)).toBe(lines("root", "├─ early", "├─ first of two", "├─ second of two", "└─ late"));
  });

  it("does not depend on parents arriving first", () => {
    const spans = spansOf("root\n  a | | 1\n    b | | 2");
    expect(spanTree([...spans].reverse())).toBe(spanTree(spans));
  });

  it("prints each trace as a block, by first start", () => {
    const late = spansOf("late | | 100\n  child | | 101", OTHER_TRACE);
    const early = spansOf("early | | 50");
    expect(spanTree([...late, ...early])).toBe(lines("early", "", "late", "└─ child"));
  });

  it("keeps the roots of one trace in one block", () => {
    expect(spanTree(spansOf("a | | 1\nb | | 0"))).toBe(lines("b", "a"));
  });

  it("does not mix up equal span ids of two traces", () => {
    const one = spansOf("a\n  b");
    const two = spansOf("c | | 1\n  d | | 1", OTHER_TRACE);
    expect(spanTree([...one, ...two])).toBe(lines("a", "└─ b", "", "c", "└─ d"));
  });

  it.each<[string, Partial<SpanRecord>, SpanTreeOptions, string]>([
    ["an ok status", { status: { code: 1 } }, {}, "span ok"],
    ["an error that says nothing", { status: { code: 2 } }, {}, "span\n  ! error"],
    ["an error with a message only", { status: { code: 2, message: "boom" } }, {}, "span\n  ! error: boom"],
    [
      "an error with type and message",
      { status: { code: 2, message: "boom 17" }, attributes: { "error.type": "TypeError" } },
      {},
      "span\n  ! error: TypeError",
    ],
    ["an error type without error", { attributes: { "error.type": "TypeError" } }, {}, "span"],
    ["a duration", { endTime: START + 12.34 }, { durations: true }, "span 12.3ms"],
    ["no duration by default", { endTime: START + 12.34 }, {}, "span"],
    [
      "chosen attributes in the order chosen",
      { attributes: { a: 1, b: "x y", c: true, d: "hidden" } },
      { attributes: ["c", "missing", "b", "a"] },
      'span {c=true b="x y" a=1}',
    ],
    [
      "attributes of every type",
      {
        attributes: { t: "/a:b", l: ["x", "y z"], n: [1, null, 2.5], big: 2n ** 60n, bytes: new Uint8Array([1, 255]) },
      },
      { attributes: ["t", "l", "n", "big", "bytes"] },
      'span {t=/a:b l=[x,"y z"] n=[1,null,2.5] big=1152921504606846976 bytes=bytes(01ff)}',
    ],
    [
      "events",
      { events: [{ name: "exception", time: START, attributes: { code: 5 }, droppedAttributesCount: 0 }] },
      { events: true, attributes: ["code"] },
      "span\n  * exception {code=5}",
    ],
    [
      "no events by default",
      { events: [{ name: "exception", time: START, attributes: {}, droppedAttributesCount: 0 }] },
      {},
      "span",
    ],
    [
      "a link to a span that is not there",
      { links: [linkTo(OTHER_TRACE, spanId(5), { why: "retry" })] },
      { attributes: ["why"] },
      "span\n  ~ link to 0af76519/00000000 {why=retry}",
    ],
    ["a name of several lines as one", { name: "a\nb\u001b[31m" }, {}, "a\\nb\\u001b[31m"],
  ])("prints %s", (_, fields, options, expected) => {
    expect(spanTree([aSpan(fields)], options)).toBe(expected);
  });

  it("names the target of a link, in this trace or another one", () => {
    const [root, child] = spansOf("root\n  child") as [SpanRecord, SpanRecord];
    const [other] = spansOf("cleanup | | 10", OTHER_TRACE) as [SpanRecord];
    const spans = [
      root,
      { ...child, links: [linkTo(OTHER_TRACE, other.spanId)] },
      { ...other, links: [linkTo(TRACE, child.spanId)] },
    ];
    expect(spanTree(spans)).toBe(
      lines("root", "└─ child", "     ~ link to cleanup", "", "cleanup", "  ~ link to child"),
    );
  });

  it("puts details of a span before its children", () => {
    const [root, child] = spansOf("root | | | | timeout\n  child") as [SpanRecord, SpanRecord];
    expect(spanTree([root, child])).toBe(lines("root", "│ ! error: timeout", "└─ child"));
  });
});

describe("spanTree of what is no tree", () => {
  const orphan = aSpan({ name: "orphan", parentSpanId: spanId(9) });

  it("throws for a parent that is missing", () => {
    const error = thrown(() => spanTree([orphan, aSpan({ name: "root", spanId: spanId(1) })]));
    expect(error).toBeInstanceOf(DanglingParentError);
    expect(error).toMatchObject({ name: "DanglingParentError", spans: [orphan] });
    expect(String(error)).toContain(
      `1 span with a parent that is not there:\n  "orphan" (span 00f067aa0ba902b7, trace ${TRACE}): parent ${spanId(9)}\n`,
    );
    expect(String(error)).toContain("allowRemoteParents");
  });

  it("throws for a parent that is in another trace, and says so", () => {
    const stranger = aSpan({ name: "stranger", traceId: OTHER_TRACE, spanId: spanId(9) });
    expect(() => spanTree([orphan, stranger])).toThrow(`, which is "stranger" of trace ${OTHER_TRACE}`);
  });

  it("prints spans below an allowed remote parent as roots", () => {
    const child = aSpan({ name: "child", spanId: spanId(2), parentSpanId: orphan.spanId });
    expect(spanTree([orphan, child], { allowRemoteParents: [spanId(9)] })).toBe(
      lines("orphan (parent elsewhere)", "└─ child"),
    );
    expect(() => spanTree([orphan, child], { allowRemoteParents: [spanId(8)] })).toThrow(DanglingParentError);
  });

  it("throws for a span that comes twice", () => {
    const error = thrown(() => spanTree([aSpan({ name: "first" }), aSpan({ name: "again" })]));
    expect(error).toBeInstanceOf(DuplicateSpanError);
    expect(String(error)).toContain('1 span with the id of an earlier one:\n  "again" (span 00f067aa0ba902b7');
  });

  it("ignores all but the first of a span if told so", () => {
    expect(spanTree([aSpan({ name: "first" }), aSpan({ name: "again" })], { duplicates: "ignore" })).toBe("first");
  });

  it("throws for spans that are each other's parents", () => {
    const spans = [
      aSpan({ name: "below", spanId: spanId(3), parentSpanId: spanId(1) }),
      aSpan({ name: "a", spanId: spanId(1), parentSpanId: spanId(2) }),
      aSpan({ name: "b", spanId: spanId(2), parentSpanId: spanId(1) }),
      aSpan({ name: "root", spanId: spanId(4) }),
    ];
    const error = thrown(() => spanTree(spans));
    expect(error).toBeInstanceOf(ParentLoopError);
    expect(String(error)).toContain('1 span that are their own ancestor:\n  "a"');
  });

  it("throws for a span that is its own parent", () => {
    expect(() => spanTree([aSpan({ parentSpanId: aSpan().spanId })])).toThrow(ParentLoopError);
  });
});

/** A forest as a list of parents: each span's parent is an earlier one or none. Arrives in any order. */
const forest: fc.Arbitrary<SpanRecord[]> = fc
  .array(fc.record({ parent: fc.nat(), start: fc.nat(5), isRoot: fc.boolean(), trace: fc.boolean() }), {
    maxLength: 40,
  })
  .map((plans) => {
    const spans: SpanRecord[] = [];
    for (const [index, plan] of plans.entries()) {
      const parent = plan.isRoot ? undefined : spans[plan.parent % Math.max(1, spans.length)];
      spans.push(
        aSpan({
          name: `<${index}>`,
          spanId: spanId(index + 1),
          traceId: parent?.traceId ?? (plan.trace ? TRACE : OTHER_TRACE),
          startTime: START + plan.start,
          ...(parent === undefined ? {} : { parentSpanId: parent.spanId }),
        }),
      );
    }
    return spans;
  })
  .chain((spans) => fc.shuffledSubarray(spans, { minLength: spans.length }));

describe("spanTree as a property", () => {
  it("holds every span exactly once", () => {
    fc.assert(
      fc.property(forest, (spans) => {
        const found = spanTree(spans).match(/<\d+>/g) ?? [];
        expect([...found].sort()).toEqual(spans.map((span) => span.name).sort());
      }),
      { seed: 1 },
    );
  });

  it("indents a span by three columns for each ancestor", () => {
    fc.assert(
      fc.property(forest, (spans) => {
        const byId = new Map(spans.map((span) => [span.spanId, span]));
        const depth = (span: SpanRecord): number => {
          const parent = byId.get(span.parentSpanId ?? "");
          return parent === undefined ? 0 : depth(parent) + 1;
        };
        const depthOf = new Map(spans.map((span) => [span.name, depth(span)]));
        for (const line of spanTree(spans).split("\n")) {
          if (line !== "") expect(line.indexOf("<")).toBe(3 * (depthOf.get(line.slice(line.indexOf("<"))) ?? -1));
        }
      }),
      { seed: 2 },
    );
  });

  it("throws exactly if a span that has children is left out", () => {
    fc.assert(
      fc.property(forest, fc.nat(), (spans, pick) => {
        const left = spans[pick % Math.max(1, spans.length)];
        const rest = spans.filter((span) => span !== left);
        const hasChild = rest.some((span) => span.parentSpanId === left?.spanId);
        if (hasChild) expect(() => spanTree(rest)).toThrow(DanglingParentError);
        else expect(() => spanTree(rest)).not.toThrow();
      }),
      { seed: 3 },
    );
  });

  it("goes down a chain of a hundred thousand spans", () => {
    const chain = Array.from({ length: 100_000 }, (_, index) =>
      aSpan({ spanId: spanId(index + 1), ...(index === 0 ? {} : { parentSpanId: spanId(index) }) }),
    );
    const forest = buildForest(chain);
    expect(forest).toMatchObject({ orphans: [], duplicates: [], loops: [] });
    expect([...walk(forest.traces[0]?.roots ?? [])]).toHaveLength(100_000);
  });
});
