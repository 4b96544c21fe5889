/** An app with a component that has a component, one backend for each test. */
import { join } from "node:path";
import { bundleConvex } from "../../../src/testing/convexBundle.js";
import { strictConvex } from "../../../src/testing/strict/index.js";
import boxSchema from "./fixtures/components/convex/box/schema.js";
import { type Backend, closeAfterTest, fixture, type Options, type Runners, runners } from "./rules.js";

/** The folder of the component. */
export const boxDir = join(fixture("components"), "box");

const app = bundleConvex(fixture("components"));
const box = bundleConvex(boxDir);
const shelf = bundleConvex(join(boxDir, "shelf"));

export type ComponentBackend = Backend & Runners;

/** Starts the app. It is closed after the test. */
export async function startComponents(options: Options = {}): Promise<ComponentBackend> {
  const components = {
    box: { bundle: await box, schema: boxSchema, env: { BOX_KEY: "box key" } },
    "box/shelf": { bundle: await shelf },
  };
  const backend: Backend = await strictConvex({
    env: { APP_KEY: "app key" },
    components,
    ...options,
    bundle: await app,
  });
  closeAfterTest(backend);
  return { ...backend, ...runners(backend) };
}
