/**
 * Answers in OTLP/protobuf, as what the same answer says in JSON: `ExportTraceServiceResponse` to requests that
 * succeeded, and `google.rpc.Status` to those that did not.
 */
import { fieldsOf, type ProtoField } from "./protoReader.js";

/** Reads the body of an answer; undefined where it is none. Never throws. */
export function readAnswer(bytes: Uint8Array, kind: "response" | "status"): unknown {
  const fields = fieldsOf(bytes);
  if (fields === undefined) return undefined;
  if (kind === "status") return { message: text(fields, 2) };
  const partial = find(fields, 1);
  const success = fieldsOf(partial?.content ?? new Uint8Array(0)) ?? [];
  return { partialSuccess: { rejectedSpans: find(success, 1)?.value, errorMessage: text(success, 2) } };
}

/** The last of its number, which by the rules of protobuf is the one that counts. */
function find(fields: readonly ProtoField[], number: number): ProtoField | undefined {
  return fields.findLast((field) => field.number === number);
}

function text(fields: readonly ProtoField[], number: number): string | undefined {
  const field = find(fields, number);
  return field === undefined ? undefined : new TextDecoder().decode(field.content);
}
