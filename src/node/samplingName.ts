/** What the sampling option is compared with. */
import type { Attributes } from "../core/types.js";
import { HTTP_REQUEST_METHOD, HTTP_ROUTE, URL_PATH } from "../semconv/attributes.js";

/** Names of before the conventions for HTTP were stable, which Next.js still sets; the second is the path with its query string. */
const OLD_METHOD = "http.method";
const OLD_TARGET = "http.target";

/**
 * `GET /orders/:id` of a request whose route is known when its span starts, else with its path, which is compared and not
 * recorded; the name of any other span.
 */
export function samplingName(name: string, attributes: Attributes | undefined): string {
  if (attributes === undefined) return name;
  const method = attributes[HTTP_REQUEST_METHOD] ?? attributes[OLD_METHOD];
  const place = attributes[HTTP_ROUTE] ?? attributes[URL_PATH] ?? pathOf(attributes[OLD_TARGET]);
  return typeof method === "string" && typeof place === "string" ? `${method} ${place}` : name;
}

function pathOf(target: Attributes[string]): string | undefined {
  return typeof target === "string" ? target.split("?", 1)[0] : undefined;
}
