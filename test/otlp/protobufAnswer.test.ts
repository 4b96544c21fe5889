import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAnswer } from "../../src/otlp/protobuf/exportAnswer.js";
import { encodeAnswer } from "./protobufSchema.js";

describe("readAnswer", () => {
  it.each<[string, object, object]>([
    ["nothing", {}, {}],
    ["an empty partial success", { partialSuccess: {} }, {}],
    [
      "rejected spans",
      { partialSuccess: { rejectedSpans: 300, errorMessage: "löng" } },
      { rejectedSpans: 300, errorMessage: "löng" },
    ],
    ["a warning", { partialSuccess: { errorMessage: "old" } }, { errorMessage: "old" }],
    [
      "the largest number that is exact",
      { partialSuccess: { rejectedSpans: "9007199254740991" } },
      { rejectedSpans: 2 ** 53 - 1 },
    ],
  ])("reads %s", (_, response, partialSuccess) => {
    const bytes = encodeAnswer("ExportTraceServiceResponse", response as Record<string, unknown>);
    expect(readAnswer(bytes, "response")).toEqual({ partialSuccess });
  });

  it("reads no count where there is a negative one: the number is none that counts", () => {
    const bytes = encodeAnswer("ExportTraceServiceResponse", { partialSuccess: { rejectedSpans: -1 } });
    const answer = readAnswer(bytes, "response") as { partialSuccess: { rejectedSpans: number } };
    expect(Number.isSafeInteger(answer.partialSuccess.rejectedSpans)).toBe(false);
  });

  it("reads the message of a failure", () => {
    const bytes = encodeAnswer("RpcStatus", { code: 3, message: "no such thing" });
    expect(readAnswer(bytes, "status")).toEqual({ message: "no such thing" });
    expect(readAnswer(encodeAnswer("RpcStatus", { code: 3 }), "status")).toEqual({ message: undefined });
  });

  it("passes over fields that it does not know", () => {
    const known = encodeAnswer("RpcStatus", { message: "kept" });
    const unknown = [0x18, 0xff, 0x01, 0x21, 1, 2, 3, 4, 5, 6, 7, 8, 0x2d, 1, 2, 3, 4, 0x32, 1, 9];
    expect(readAnswer(new Uint8Array([...unknown, ...known]), "status")).toEqual({ message: "kept" });
  });

  it.each([
    ["text", Buffer.from("404 page not found")],
    ["a page", Buffer.from("<html></html>")],
    ["a length past the end", new Uint8Array([0x12, 9, 1])],
    ["a tag alone", new Uint8Array([0x12])],
    ["a varint without an end", new Uint8Array(20).fill(0xff)],
    ["field 0", new Uint8Array([0x02, 0])],
    ["a group", new Uint8Array([0x0b, 0x0c])],
    ["four bytes that are three", new Uint8Array([0x2d, 1, 2, 3])],
  ])("reads nothing where there is %s", (_, bytes) => expect(readAnswer(bytes, "status")).toBeUndefined());

  it("never throws", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.constantFrom("response" as const, "status" as const),
        (bytes, kind) => {
          const answer = readAnswer(bytes, kind);
          expect(answer === undefined || typeof answer === "object").toBe(true);
        },
      ),
      { seed: 21, numRuns: 5000 },
    );
  });

  it("reads what protobufjs writes", () => {
    fc.assert(
      fc.property(fc.nat(), fc.string({ unit: "grapheme" }), (rejectedSpans, errorMessage) => {
        const bytes = encodeAnswer("ExportTraceServiceResponse", { partialSuccess: { rejectedSpans, errorMessage } });
        expect(readAnswer(bytes, "response")).toEqual({ partialSuccess: { rejectedSpans, errorMessage } });
      }),
      { seed: 22, numRuns: 500 },
    );
  });
});
