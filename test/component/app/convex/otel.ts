/** The builders of the app. A test decides which variant is bundled in place of this file. */
export { action, deliver, httpAction, internalMutation, mutation, query, traceHttpRouter } from "../variants/outbox.js";
