/** The functions of the component, by module. */
import * as awake from "../../../src/component/awake.js";
import * as claim from "../../../src/component/claim.js";
import * as drain from "../../../src/component/drain.js";
import * as enqueue from "../../../src/component/enqueue.js";
import * as head from "../../../src/component/head.js";
import * as measure from "../../../src/component/measure.js";
import * as pause from "../../../src/component/pause.js";
import * as purge from "../../../src/component/purge.js";
import * as resume from "../../../src/component/resume.js";
import * as retryFailed from "../../../src/component/retryFailed.js";
import * as settle from "../../../src/component/settle.js";
import * as status from "../../../src/component/status.js";
import * as wake from "../../../src/component/wake.js";
import * as watch from "../../../src/component/watch.js";
import type { Modules } from "./backend.js";

export const componentModules: Modules = {
  awake,
  claim,
  drain,
  enqueue,
  head,
  measure,
  pause,
  purge,
  resume,
  retryFailed,
  settle,
  status,
  wake,
  watch,
};
