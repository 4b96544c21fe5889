/** Names that options are checked by and that messages list, with spaces between them: lists are only made when needed. */

/** The builders that `./_generated/server` has. */
export const BUILDERS = "query internalQuery mutation internalMutation action internalAction httpAction";

/** The names of `SpanLimits`. */
export const LIMIT_NAMES =
  "attributeCount attributeValueLength eventCount linkCount attributePerEventCount attributePerLinkCount spanCount";
