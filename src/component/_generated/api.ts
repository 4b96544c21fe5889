/** References to the component's own functions, as Convex generates them. */
import { anyApi, type ApiFromModules, type FilterApi, type FunctionReference } from "convex/server";
import type * as awake from "../awake.js";
import type * as claim from "../claim.js";
import type * as drain from "../drain.js";
import type * as enqueue from "../enqueue.js";
import type * as head from "../head.js";
import type * as measure from "../measure.js";
import type * as pause from "../pause.js";
import type * as purge from "../purge.js";
import type * as resume from "../resume.js";
import type * as retryFailed from "../retryFailed.js";
import type * as settle from "../settle.js";
import type * as status from "../status.js";
import type * as wake from "../wake.js";
import type * as watch from "../watch.js";

declare const fullApi: ApiFromModules<{
  awake: typeof awake;
  claim: typeof claim;
  drain: typeof drain;
  enqueue: typeof enqueue;
  head: typeof head;
  measure: typeof measure;
  pause: typeof pause;
  purge: typeof purge;
  resume: typeof resume;
  retryFailed: typeof retryFailed;
  settle: typeof settle;
  status: typeof status;
  wake: typeof wake;
  watch: typeof watch;
}>;

export const api: FilterApi<typeof fullApi, FunctionReference<any, "public">> = anyApi as any;
export const internal: FilterApi<typeof fullApi, FunctionReference<any, "internal">> = anyApi as any;
