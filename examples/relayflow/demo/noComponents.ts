/** What Convex generates for an app that uses no components: see `withoutComponent.ts`. */
export { api, internal } from "../convex/_generated/api.js";

export const components = {};
