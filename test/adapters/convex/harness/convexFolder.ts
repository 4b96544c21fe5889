/** Writes an app down as the folder of functions that its user would have: modules with static exports. */
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { inject } from "vitest";
import { memoryExporter } from "../../../../src/testing/index.js";
import { buildApp } from "../apps/app.js";
import type { AppToRun } from "./start.js";

const apps = fileURLToPath(new URL("../apps", import.meta.url));

/** Makes the folder, next to the installed package. */
export async function convexFolder(app: AppToRun): Promise<string> {
  const root = await mkdtemp(join(inject("installed"), "app-"));
  const convex = join(root, "convex");
  await mkdir(convex);
  await writeFile(join(root, "app.ts"), appModule(app));
  for (const [name, text] of Object.entries(modules(app))) await writeFile(join(convex, `${name}.ts`), text);
  return convex;
}

function appModule({ file, name, options }: AppToRun): string {
  return `
    import { otlp } from "convex-otel/otlp";
    import { buildApp } from ${JSON.stringify(join(apps, "app.ts"))};
    import { ${name} } from ${JSON.stringify(join(apps, `${file}.ts`))};
    export const { functions, http, deliver } = buildApp(${name}, otlp(), ${JSON.stringify(options)});
  `;
}

function modules({ app, options }: AppToRun): Readonly<Record<string, string>> {
  const names = Object.keys(buildApp(app, memoryExporter(), options).functions);
  return {
    otel: `export { deliver } from "../app";`,
    http: `export { http as default } from "../app";`,
    [app.module]: `import { functions } from "../app"; export const { ${names.join(", ")} } = functions;`,
  };
}
