/**
 * W3C Trace Context, at strict level 2 and specification level 2.
 *
 * The names of the cases, and what they ask for, are those of `test/test.py` in https://github.com/w3c/trace-context at
 * commit acab820be9db7b3433668baa5cdd43f57f4c4be0 (2026-06-30): all 41 of them. The tests are our own. Each runs once
 * for every way in which a platform hands headers to us.
 */
import { describe, expect, it } from "vitest";
import { createService, platforms, type Field, type Sent } from "./echoService.js";

const TRACE = "12345678901234567890123456789012";
const PARENT = "1234567890123456";
const SAMPLED_PARENT = `00-${TRACE}-${PARENT}-01`;
const UNSAMPLED_PARENT: Field = ["traceparent", `00-${TRACE}-${PARENT}-00`];

describe.each(platforms)("TraceContextTest (%s)", (_, toSource) => {
  const service = createService();
  const send = (...fields: Field[]): Sent => service(toSource(fields));
  /** A request with a valid `traceparent` and these `tracestate` headers. */
  const sendState = (...values: string[]): Sent =>
    send(UNSAMPLED_PARENT, ...values.map((value): Field => ["tracestate", value]));

  function expectContinued(...values: string[]): void {
    for (const value of values) expect(send(["traceparent", value]).traceId, value).toBe(TRACE);
  }

  function expectRestarted(...values: string[]): void {
    for (const value of values) {
      const sent = send(["traceparent", value], ["tracestate", "foo=1"]);
      expect(sent.traceId, value).toMatch(/^f0+/);
      expect(sent.tracestate.size, value).toBe(0);
    }
  }

  /** The `traceparent` of the caller holds, and its members arrive in their order, or are discarded altogether. */
  function expectMembers(sent: Sent, members: Record<string, string>): void {
    expect(sent.traceId).toBe(TRACE);
    expect([...sent.tracestate]).toStrictEqual(Object.entries(members));
  }

  it("test_both_traceparent_and_tracestate_missing", () => {
    expect(send().traceId).toMatch(/^f0+/);
  });

  it("test_traceparent_included_tracestate_missing", () => {
    const sent = send(["traceparent", SAMPLED_PARENT]);
    expect(sent).toMatchObject({ traceId: TRACE, flags: 1 });
    expect(sent.parentId).not.toBe(PARENT);
    expect(sent.tracestate.size).toBe(0);
  });

  it("test_traceparent_duplicated", () => {
    const sent = send(["traceparent", SAMPLED_PARENT.replace("9012-", "9011-")], ["traceparent", SAMPLED_PARENT]);
    expect(sent.traceId).toMatch(/^f0+/);
  });

  it("test_traceparent_header_name", () => {
    expect(send(["trace-parent", SAMPLED_PARENT]).traceId).not.toBe(TRACE);
    expect(send(["trace.parent", SAMPLED_PARENT]).traceId).not.toBe(TRACE);
  });

  it("test_traceparent_header_name_valid_casing", () => {
    for (const name of ["TraceParent", "TrAcEpArEnT", "TRACEPARENT"]) {
      expect(send([name, SAMPLED_PARENT]).traceId, name).toBe(TRACE);
    }
  });

  it("test_traceparent_version_0x00", () => {
    expectRestarted(`${SAMPLED_PARENT}.`, `${SAMPLED_PARENT}-what-the-future-will-be-like`);
  });

  it("test_traceparent_version_0xcc", () => {
    const future = SAMPLED_PARENT.replace(/^00/, "cc");
    expectContinued(future, `${future}-what-the-future-will-be-like`);
    expectRestarted(`${future}.what-the-future-will-be-like`);
  });

  it("test_traceparent_version_0xff", () => {
    expectRestarted(SAMPLED_PARENT.replace(/^00/, "ff"));
  });

  it("test_traceparent_version_illegal_characters", () => {
    expectRestarted(SAMPLED_PARENT.replace(/^00/, ".0"), SAMPLED_PARENT.replace(/^00/, "0."));
  });

  it("test_traceparent_version_too_long", () => {
    expectRestarted(`0${SAMPLED_PARENT}`, `00${SAMPLED_PARENT}`);
  });

  it("test_traceparent_version_too_short", () => {
    expectRestarted(SAMPLED_PARENT.slice(1));
  });

  it("test_traceparent_trace_id_all_zero", () => {
    expectRestarted(`00-${"0".repeat(32)}-${PARENT}-01`);
  });

  it("test_traceparent_trace_id_illegal_characters", () => {
    expectRestarted(`00-.${TRACE.slice(1)}-${PARENT}-01`, `00-${TRACE.slice(0, 31)}.-${PARENT}-01`);
  });

  it("test_traceparent_trace_id_too_long", () => {
    expectRestarted(`00-${TRACE}3-${PARENT}-01`);
  });

  it("test_traceparent_trace_id_too_short", () => {
    expectRestarted(`00-${TRACE.slice(0, 31)}-${PARENT}-01`);
  });

  it("test_traceparent_parent_id_all_zero", () => {
    expectRestarted(`00-${TRACE}-${"0".repeat(16)}-01`);
  });

  it("test_traceparent_parent_id_illegal_characters", () => {
    expectRestarted(`00-${TRACE}-.${PARENT.slice(1)}-01`, `00-${TRACE}-${PARENT.slice(0, 15)}.-01`);
  });

  it("test_traceparent_parent_id_too_long", () => {
    expectRestarted(`00-${TRACE}-${PARENT}7-01`);
  });

  it("test_traceparent_parent_id_too_short", () => {
    expectRestarted(`00-${TRACE}-${PARENT.slice(0, 15)}-01`);
  });

  it("test_traceparent_trace_flags_illegal_characters", () => {
    expectRestarted(`00-${TRACE}-${PARENT}-.0`, `00-${TRACE}-${PARENT}-0.`);
  });

  it("test_traceparent_trace_flags_too_long", () => {
    expectRestarted(`00-${TRACE}-${PARENT}-001`);
  });

  it("test_traceparent_trace_flags_too_short", () => {
    expectRestarted(`00-${TRACE}-${PARENT}-1`);
  });

  it("test_traceparent_ows_handling", () => {
    expectContinued(` ${SAMPLED_PARENT}`, `\t${SAMPLED_PARENT}`, `${SAMPLED_PARENT} `, `${SAMPLED_PARENT}\t`);
    expectContinued(`\t ${SAMPLED_PARENT} \t`);
  });

  it("test_tracestate_included_traceparent_missing", () => {
    expect(send(["tracestate", "foo=1"]).tracestate.size).toBe(0);
    expect(send(["tracestate", "foo=1,bar=2"]).tracestate.size).toBe(0);
  });

  it("test_tracestate_included_traceparent_included", () => {
    expectMembers(sendState("foo=1,bar=2"), { foo: "1", bar: "2" });
  });

  it("test_tracestate_header_name", () => {
    expectMembers(send(UNSAMPLED_PARENT, ["trace-state", "foo=1"]), {});
    expectMembers(send(UNSAMPLED_PARENT, ["trace.state", "foo=1"]), {});
  });

  it("test_tracestate_header_name_valid_casing", () => {
    for (const name of ["TraceState", "TrAcEsTaTe", "TRACESTATE"]) {
      expectMembers(send(UNSAMPLED_PARENT, [name, "foo=1"]), { foo: "1" });
    }
  });

  it("test_tracestate_empty_header", () => {
    expectMembers(sendState(""), {});
    expectMembers(sendState("foo=1", ""), { foo: "1" });
    expectMembers(sendState("", "foo=1"), { foo: "1" });
  });

  it("test_tracestate_multiple_headers_different_keys", () => {
    const sent = sendState("foo=1,bar=2", "rojo=1,congo=2", "baz=3");
    expectMembers(sent, { foo: "1", bar: "2", rojo: "1", congo: "2", baz: "3" });
  });

  it("test_tracestate_duplicated_keys", () => {
    expectMembers(sendState("foo=1,foo=1"), { foo: "1" });
    expectMembers(sendState("foo=1,foo=2"), { foo: "1" });
    expectMembers(sendState("foo=1", "foo=1"), { foo: "1" });
    expectMembers(sendState("foo=1", "foo=2"), { foo: "1" });
  });

  it("test_tracestate_all_allowed_characters", () => {
    const key = "abcdefghijklmnopqrstuvwxyz0123456789_-*/";
    const printable = Array.from({ length: 0x7f - 0x20 }, (_character, at) => String.fromCharCode(0x20 + at)).join("");
    const value = printable.replace(/[,=]/g, "");
    expectMembers(sendState(`${key}=${value}`), { [key]: value });
    expectMembers(sendState(`${key}@a-z0-9_-*/=${value}`), { [`${key}@a-z0-9_-*/`]: value });
  });

  it("test_tracestate_ows_handling", () => {
    const all = { foo: "1", bar: "2", baz: "3" };
    expectMembers(sendState("foo=1 \t , \t bar=2, \t baz=3"), all);
    expectMembers(sendState("foo=1\t \t,\t \tbar=2,\t \tbaz=3"), all);
    for (const value of [" foo=1", "\tfoo=1", "foo=1 ", "foo=1\t", "\t foo=1 \t"]) {
      expectMembers(sendState(value), { foo: "1" });
    }
  });

  it("test_tracestate_key_illegal_characters", () => {
    for (const value of ["foo =1", "FOO=1", "foo.bar=1"]) expectMembers(sendState(value), {});
  });

  it("test_tracestate_key_illegal_vendor_format", () => {
    expectMembers(sendState("foo@=1,bar=2"), { "foo@": "1", bar: "2" });
    expectMembers(sendState("@foo=1,bar=2"), {});
    expectMembers(sendState("foo@@bar=1,bar=2"), { "foo@@bar": "1", bar: "2" });
    expectMembers(sendState("foo@bar@baz=1,bar=2"), { "foo@bar@baz": "1", bar: "2" });
  });

  it("test_tracestate_member_count_limit", () => {
    const members = Array.from({ length: 33 }, (_member, at) => {
      const number = String(at + 1).padStart(2, "0");
      return [`bar${number}`, number] as const;
    });
    const header = (from: number, to: number): string =>
      members.slice(from, to).map(([key, value]) => `${key}=${value}`).join(","); // prettier-ignore
    const full = sendState(header(0, 10), header(10, 20), header(20, 30), header(30, 32));
    expectMembers(full, Object.fromEntries(members.slice(0, 32)));
    expectMembers(sendState(header(0, 10), header(10, 20), header(20, 30), header(30, 33)), {});
  });

  it("test_tracestate_key_length_limit", () => {
    const keys = [
      "z".repeat(256),
      `${"t".repeat(241)}@${"v".repeat(14)}`,
      `${"t".repeat(242)}@v`,
      `t@${"v".repeat(15)}`,
    ];
    for (const key of keys) expectMembers(sendState("foo=1", `${key}=1`), { foo: "1", [key]: "1" });
    expectMembers(sendState("foo=1", `${"z".repeat(257)}=1`), {});
  });

  it("test_tracestate_value_illegal_characters", () => {
    expectMembers(sendState("foo=bar=baz"), {});
    expectMembers(sendState("foo=,bar=3"), {});
  });
});

describe.each(platforms)("AdvancedTest (%s)", (_, toSource) => {
  /** What the service sends when one request makes it call three times. */
  function sendThree(...fields: Field[]): { traceIds: Set<string>; parentIds: Set<string> } {
    const service = createService();
    const sent = [1, 2, 3].map(() => service(toSource(fields)));
    return {
      traceIds: new Set(sent.map(({ traceId }) => traceId)),
      parentIds: new Set(sent.map(({ parentId }) => parentId)),
    };
  }

  it("test_multiple_requests_with_valid_traceparent", () => {
    const { traceIds, parentIds } = sendThree(["traceparent", SAMPLED_PARENT]);
    expect([...traceIds]).toStrictEqual([TRACE]);
    expect(parentIds.size).toBe(3);
  });

  it("test_multiple_requests_without_traceparent", () => {
    expect(sendThree().parentIds.size).toBe(3);
  });

  it("test_multiple_requests_with_illegal_traceparent", () => {
    const { traceIds, parentIds } = sendThree(["traceparent", `00-${"0".repeat(32)}-${PARENT}-01`]);
    expect(traceIds).not.toContain("0".repeat(32));
    expect(parentIds.size).toBe(3);
  });
});

describe.each(platforms)("TraceContext2Test (%s)", (_, toSource) => {
  it("test_propagates_random_flag", () => {
    const sent = createService()(toSource([["traceparent", `00-${TRACE}-${PARENT}-02`]]));
    expect(sent.traceId).toBe(TRACE);
    expect(sent.parentId).not.toBe(PARENT);
    expect(sent.flags).toBe(2);
  });
});
