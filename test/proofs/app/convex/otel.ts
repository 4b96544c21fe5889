/** The builders of the app. A test decides which variant is bundled in place of this file. */
export {
  action,
  deliver,
  httpAction,
  internalAction,
  internalMutation,
  internalQuery,
  mutation,
  query,
  traceHttpRouter,
} from "../variants/traced.js";
