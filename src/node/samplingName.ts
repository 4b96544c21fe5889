/** What the sampling option is compared with. */
import type { Attributes } from "../core/types.js";
import { HTTP_REQUEST_METHOD, HTTP_ROUTE, URL_PATH } from "../semconv/attributes.js";

/**
 * `GET /orders/:id` of a request whose route is known when its span starts, else with its path, which is compared and not
 * recorded; the name of any other span.
 */
export function samplingName(name: string, attributes: Attributes | undefined): string {
  const method = attributes?.[HTTP_REQUEST_METHOD];
  const place = attributes?.[HTTP_ROUTE] ?? attributes?.[URL_PATH];
  return typeof method === "string" && typeof place === "string" ? `${method} ${place}` : name;
}
