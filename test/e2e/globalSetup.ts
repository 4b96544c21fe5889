/** Finds what the end-to-end tests need, and builds Jaeger and Prisma's client before the first of them, so that no test's time limit pays for it. */
import type { TestProject } from "vitest/node";
import { installedBinary } from "./installedBinary.js";
import { installedFolder } from "./installedFolder.js";
import { jaegerBinary } from "./jaegerBinary.js";

declare module "vitest" {
  interface ProvidedContext {
    /** Path of the Jaeger binary; an empty string where there is none and tests skip. */
    jaegerBinary: string;
    /** Path of redis-server; an empty string where there is none and tests skip. */
    redisBinary: string;
    /** Path of postgres; an empty string where there is none and tests skip. */
    postgresBinary: string;
    /** Path of mariadbd; an empty string where there is none and tests skip. */
    mariadbBinary: string;
    /** Path of Chromium; an empty string where there is none and tests skip. */
    chromiumBinary: string;
    /** Folder with Prisma and a client it generated; an empty string where it could not be installed and tests skip. */
    prismaFolder: string;
    /** Folder with Bun and Deno; an empty string where they could not be installed and tests skip. */
    runtimesFolder: string;
    /** Folder with Next.js; an empty string where it could not be installed and tests skip. */
    nextFolder: string;
    /** Folder with workerd; an empty string where it could not be installed and tests skip. */
    workerdFolder: string;
  }
}

export default function setup(project: TestProject): void {
  project.provide("redisBinary", installedBinary("redis-server", "redis-server") ?? "");
  project.provide("postgresBinary", installedBinary("postgres", "postgresql") ?? "");
  project.provide("mariadbBinary", installedBinary("mariadbd", "mariadb-server") ?? "");
  project.provide("chromiumBinary", installedBinary("chromium", "chromium") ?? "");
  project.provide("jaegerBinary", jaegerBinary() ?? "");
  project.provide("prismaFolder", installedFolder("prisma") ?? "");
  project.provide("runtimesFolder", installedFolder("runtimes") ?? "");
  project.provide("nextFolder", installedFolder("next") ?? "");
  project.provide("workerdFolder", installedFolder("workerd") ?? "");
}
