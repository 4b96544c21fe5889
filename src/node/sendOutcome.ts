/** What became of a request, and how it is told. */

/** What became of a request. */
export type SendOutcome =
  | {
      readonly outcome: "delivered";
      /** Spans that were not accepted, although the request was. */
      readonly rejectedSpans: number;
      readonly message?: string | undefined;
    }
  | {
      readonly outcome: "failed";
      /** Why, without anything that may be secret. */
      readonly message: string;
    };

/** A request that failed with an error. */
export function failedWith(error: unknown): SendOutcome {
  return { outcome: "failed", message: messageOf(error) };
}

/** Status or code only: the text of an error may hold the address with its query, or what a server says of a request. */
function messageOf(error: unknown): string {
  const code: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "code") : undefined;
  if (typeof code === "number") return `it answered ${code}`;
  if (typeof code === "string" && /^[A-Z][A-Z0-9_]{1,40}$/.test(code)) return code;
  return "no answer, or none in time";
}
