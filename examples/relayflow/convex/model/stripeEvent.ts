/**
 * From what Stripe sends to a {@link CanonicalEvent}. Pure: the same payload always means the same event, so a stored
 * payload can be normalized again after a mistake was corrected here.
 */
import type { CanonicalEvent } from "./canonicalEvent";

/** A payload that was understood, or the reason it was not. */
export type NormalizeResult =
  { readonly ok: true; readonly event: CanonicalEvent } | { readonly ok: false; readonly problem: string };

/** The two fields the pipeline needs before it looks any further. */
export interface StripeEnvelope {
  readonly id?: string;
  readonly type?: string;
}

/** Reads the id and the type of an event. Never throws: what cannot be read is absent. */
export function readStripeEnvelope(payload: string): StripeEnvelope {
  const { id, type } = parseObject(payload) ?? {};
  return { ...(typeof id === "string" && { id }), ...(typeof type === "string" && { type }) };
}

/** Reads a Stripe event: https://docs.stripe.com/api/events/object */
export function normalizeStripeEvent(payload: string): NormalizeResult {
  const envelope = parseObject(payload);
  if (envelope === undefined) return { ok: false, problem: "not a JSON object" };
  const { id, type, created, livemode } = envelope;
  if (typeof id !== "string" || typeof type !== "string") return { ok: false, problem: "no id or type" };
  if (typeof created !== "number") return { ok: false, problem: "no creation time" };
  const object = asObject(asObject(envelope["data"])?.["object"]);
  if (object === undefined) return { ok: false, problem: "no data.object" };
  const event: CanonicalEvent = {
    provider: "stripe",
    providerEventId: id,
    providerEventType: type,
    occurredAt: created * 1000,
    livemode: livemode === true,
    subject: { kind: textOr(object["object"], "unknown"), id: textOr(object["id"], "unknown") },
    ...moneyOf(object),
    ...customerOf(object),
  };
  return { ok: true, event };
}

/** Stripe calls the amount differently on each kind of object; these are the ones that say what was paid or owed. */
const AMOUNT_FIELDS = ["amount_paid", "amount_total", "amount"] as const;

function moneyOf(object: JsonObject): Pick<CanonicalEvent, "money"> {
  const amount = AMOUNT_FIELDS.map((field) => object[field]).find((value) => typeof value === "number");
  const currency = object["currency"];
  return typeof amount === "number" && typeof currency === "string" ? { money: { amount, currency } } : {};
}

/** `customer` is an id, or the whole customer where the endpoint expands it. */
function customerOf(object: JsonObject): Pick<CanonicalEvent, "customerId"> {
  const customer = object["customer"];
  const id = typeof customer === "string" ? customer : asObject(customer)?.["id"];
  return typeof id === "string" ? { customerId: id } : {};
}

type JsonObject = Readonly<Record<string, unknown>>;

function parseObject(text: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): JsonObject | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === "string" ? value : fallback;
}
