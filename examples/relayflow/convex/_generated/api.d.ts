/* eslint-disable */
/**
 * Generated `api` utility.
 *
 * THIS CODE IS AUTOMATICALLY GENERATED.
 *
 * To regenerate, run `npx convex dev`.
 * @module
 */

import type * as attempts from "../attempts.js";
import type * as crons from "../crons.js";
import type * as deadLetters from "../deadLetters.js";
import type * as http from "../http.js";
import type * as model_canonicalEvent from "../model/canonicalEvent.js";
import type * as model_retryPolicy from "../model/retryPolicy.js";
import type * as model_routes from "../model/routes.js";
import type * as model_stripeEvent from "../model/stripeEvent.js";
import type * as model_stripeSignature from "../model/stripeSignature.js";
import type * as otel from "../otel.js";
import type * as pipeline from "../pipeline.js";
import type * as relay from "../relay.js";
import type * as stalled from "../stalled.js";
import type * as tasks from "../tasks.js";
import type * as webhooks from "../webhooks.js";

import type {
  ApiFromModules,
  FilterApi,
  FunctionReference,
} from "convex/server";

declare const fullApi: ApiFromModules<{
  attempts: typeof attempts;
  crons: typeof crons;
  deadLetters: typeof deadLetters;
  http: typeof http;
  "model/canonicalEvent": typeof model_canonicalEvent;
  "model/retryPolicy": typeof model_retryPolicy;
  "model/routes": typeof model_routes;
  "model/stripeEvent": typeof model_stripeEvent;
  "model/stripeSignature": typeof model_stripeSignature;
  otel: typeof otel;
  pipeline: typeof pipeline;
  relay: typeof relay;
  stalled: typeof stalled;
  tasks: typeof tasks;
  webhooks: typeof webhooks;
}>;

/**
 * A utility for referencing Convex functions in your app's public API.
 *
 * Usage:
 * ```js
 * const myFunctionReference = api.myModule.myFunction;
 * ```
 */
export declare const api: FilterApi<
  typeof fullApi,
  FunctionReference<any, "public">
>;

/**
 * A utility for referencing Convex functions in your app's internal API.
 *
 * Usage:
 * ```js
 * const myFunctionReference = internal.myModule.myFunction;
 * ```
 */
export declare const internal: FilterApi<
  typeof fullApi,
  FunctionReference<any, "internal">
>;

export declare const components: {
  otel: import("convex-otel/_generated/component.js").ComponentApi<"otel">;
};
