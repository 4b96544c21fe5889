/** The two encodings of OTLP/HTTP, by what `Content-Type` says. */

/** Headers by lower-case name. */
type Headers = Readonly<Record<string, string>>;

const JSON_TYPE = "application/json";
const PROTOBUF_TYPE = "application/x-protobuf";

/** What a receiver takes. */
export const MEDIA_TYPES: readonly string[] = [JSON_TYPE, PROTOBUF_TYPE];

/** The media type of a request, without its parameters; undefined if OTLP has no such encoding. */
export function otlpType(headers: Headers): string | undefined {
  const type = headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
  return MEDIA_TYPES.find((known) => known === type);
}

/** Whether a request is OTLP/protobuf, and wants such an answer. */
export function isProtobuf(headers: Headers): boolean {
  return otlpType(headers) === PROTOBUF_TYPE;
}
