/** Where a carrier travels. Apart from its codec, which most code that names the field does not need. */

/** The reserved argument that holds the carrier. */
export const CARRIER_FIELD = "_otel";
