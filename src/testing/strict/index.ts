/**
 * `convex-otel/testing/strict`: a strict Convex runtime for tests, on the database of convex-test.
 *
 * For Node, with any test runner. Nothing here belongs into a Convex deployment.
 */
export { bundleConvex } from "../convexBundle.js";
export type { ConvexBundle, ConvexBundleOptions, ConvexBundlePlugin, ConvexModule } from "../convexBundle.js";
export { ConvexBundleError } from "../convexBundleError.js";
export type { ConvexEntryPoint, ConvexEnvironment } from "../convexEntryPoints.js";
export { conflictsBetween, conflictsWith } from "./conflictsWith.js";
export type { StrictConflict, StrictTransaction } from "./conflictsWith.js";
export type { StrictBound, StrictDocument, StrictIndexKey, StrictRead, StrictWrite } from "./readWriteSets.js";
export { strictConvex } from "./strictConvex.js";
export type { StrictConvex } from "./strictConvex.js";
export type { StrictEnv } from "./deployedCode.js";
export type {
  StrictBackend,
  StrictComponent,
  StrictConvexBaseOptions,
  StrictConvexOptions,
  StrictMetadata,
  StrictSource,
} from "./options.js";
export type {
  StrictCall,
  StrictConsoleLine,
  StrictFunctionType,
  StrictLogLevel,
  StrictOperation,
  StrictOperationKind,
  StrictOutcome,
  StrictVolume,
} from "./types.js";
