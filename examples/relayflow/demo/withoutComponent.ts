/** The app as it is where the component is not installed: `components.otel` is undefined then, and all else is the same. */
import { fileURLToPath } from "node:url";
import type { ConvexBundlePlugin } from "../../../src/testing/convexBundle.js";

const noComponents = fileURLToPath(new URL("noComponents.ts", import.meta.url));

/** Bundles the app with a `_generated/api` that has no components. */
export const withoutComponent: ConvexBundlePlugin = {
  name: "without-component",
  setup(build) {
    build.onResolve({ filter: /\/_generated\/api(\.js)?$/ }, ({ importer }) =>
      importer === noComponents ? undefined : { path: noComponents },
    );
  },
};
