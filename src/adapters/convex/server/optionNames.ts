/** Names that options are checked by and that messages list. */

/** The builders that `./_generated/server` has. */
export const BUILDERS = [
  "query",
  "internalQuery",
  "mutation",
  "internalMutation",
  "action",
  "internalAction",
  "httpAction",
] as const;

/** The names of `SpanLimits`. */
export const LIMIT_NAMES = [
  "attributeCount",
  "attributeValueLength",
  "eventCount",
  "linkCount",
  "attributePerEventCount",
  "attributePerLinkCount",
  "spanCount",
] as const;
