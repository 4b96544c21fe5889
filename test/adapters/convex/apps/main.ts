/** The main app, and how it is configured in code. What is data is an option of the test. */
import { v } from "convex/values";
import type { Exporter } from "../../../../src/index.js";
import { jaeger, otlp } from "../../../../src/otlp/index.js";
import { fnsApp } from "./app.js";
import { mainFunctions } from "./mainFunctions.js";
import { stock } from "./schema.js";
import { tell } from "./tell.js";

const reporting = (exporter: Exporter) => ({
  exporter,
  diagnostics: (report: object) => tell("report", report),
});

export const main = fnsApp(mainFunctions);

export const withoutExporter = fnsApp(mainFunctions, { configure: () => ({}) });

export const withoutKey = fnsApp(mainFunctions, {
  configure: (exporter) => ({ exporter: { ...exporter, isConfigured: () => false } }),
});

/** Sends for real. */
export const withOtlp = fnsApp(mainFunctions, { configure: () => ({ exporter: otlp() }) });

export const withJaeger = fnsApp(mainFunctions, { configure: () => ({ exporter: jaeger() }) });

export const keepsLargeCalls = fnsApp(mainFunctions, {
  configure: (exporter) => ({ exporter, keepUnsampled: (spans) => spans.length > 3 }),
});

/** Tells what the library reports about itself. */
export const reports = fnsApp(mainFunctions, { configure: reporting });

/** Tells how long each attempt at sending may take. */
export const tellsTimeLimits = fnsApp(mainFunctions, {
  configure: (exporter) =>
    reporting({
      ...exporter,
      send: (texts, options) => {
        tell("limit", options.timeoutMs ?? null);
        return exporter.send(texts, options);
      },
    }),
});

/** Reports, and has an exporter that breaks the rules of exporters while the variable EXPORTER says so. */
export const breaks = fnsApp(mainFunctions, { configure: (exporter) => reporting(breaking(exporter)) });

function breaking(exporter: Exporter): Exporter {
  return {
    ...exporter,
    send: (texts, options) => {
      tell("attempt", texts.length);
      if (options.env("EXPORTER") === "throws") throw new Error("exporter is broken");
      if (options.env("EXPORTER") === "rejects") return Promise.reject(new Error("exporter is broken"));
      return exporter.send(texts, options);
    },
  };
}

/** Before the library: one function of the app, plain, that tells its arguments. */
export const uninstalled = fnsApp(() => ({
  chain: stock.internalMutation({
    args: { left: v.number() },
    handler: async (_ctx, args) => tell("seen", args),
  }),
}));
