/**
 * How long a caller waits for tracing, by what the endpoint does: with the component and without, in the strict runtime, in real time,
 * over loopback. What is scheduled goes on beside the calls, as on a deployment.
 *
 * The library is the built package, as an app installs it.
 */
import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeFunctionReference } from "convex/server";
import componentSchema from "../src/component/schema.js";
import { bundleConvex, type ConvexBundle } from "../src/testing/convexBundle.js";
import { type OtlpReceiver, startOtlpReceiver } from "../src/testing/otlpReceiver.js";
import type { ReceiverAnswer } from "../src/testing/receiverAnswer.js";
import { strictConvex } from "../src/testing/strict/index.js";
import { interleave, type Sample } from "./harness/interleave.js";
import { duration, type Row, type Section } from "./harness/report.js";
import { differences, estimate, ratios } from "./harness/statistics.js";

/** What endpoints do with each request. */
const ENDPOINTS = {
  "answers at once": {},
  "answers after 300 ms": { delayMs: 300 },
  "answers after 1.5 s": { delayMs: 1_500 },
  "never answers": { fault: "hang" },
  "is not there": undefined,
} as const satisfies Record<string, ReceiverAnswer | undefined>;

type Endpoint = keyof typeof ENDPOINTS;

const MODES = { outbox: "with the component", jobs: "without it" } as const;
type Mode = keyof typeof MODES;

const KINDS = ["mutation", "HTTP action", "action"] as const;
type Kind = (typeof KINDS)[number];

/** An action without the component waits up to a second for three of the endpoints: a round takes three. */
const ROUNDS: Readonly<Record<Kind, number>> = { mutation: 40, "HTTP action": 40, action: 12 };

/** What a call has scheduled starts within this time, and is not measured with the next one. */
const PAUSE_MS = 15;

export async function latencySection(): Promise<Section> {
  const bench = resolve(import.meta.dirname);
  const bundles = {
    app: await bundleConvex(resolve(bench, "apps/waiting")),
    component: await bundleConvex(resolve(bench, "../src/component")),
  };
  const backends = new Map<Endpoint | "none", Backend>([["none", await startBackend(bundles, undefined)]]);
  for (const endpoint of endpoints()) backends.set(endpoint, await startBackend(bundles, endpoint));
  try {
    const rows: Row[] = [];
    for (const kind of KINDS) rows.push(...(await kindRows(backends, kind)));
    return {
      title: "What a caller waits for, by endpoint (strict runtime; added to the same without an exporter)",
      rows,
    };
  } finally {
    for (const { close } of backends.values()) await close();
  }
}

function endpoints(): Endpoint[] {
  return Object.keys(ENDPOINTS) as Endpoint[];
}

interface Backend {
  /** Milliseconds until the caller has its answer. */
  readonly call: (kind: Kind, mode: Mode) => Promise<number>;
  readonly close: () => Promise<void>;
}

interface Bundles {
  readonly app: ConvexBundle;
  readonly component: ConvexBundle;
}

async function startBackend({ app, component }: Bundles, endpoint: Endpoint | undefined): Promise<Backend> {
  const receiver = endpoint === undefined ? undefined : await startEndpoint(endpoint);
  const env = receiver === undefined ? {} : { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const backend = await strictConvex({
    bundle: app,
    env,
    components: { otel: { bundle: component, schema: componentSchema, env } },
  });
  const run = (kind: Kind, mode: Mode): Promise<unknown> => {
    switch (kind) {
      case "mutation":
        return backend.t.mutation(makeFunctionReference<"mutation">(`${mode}:mutation`), {});
      case "action":
        return backend.t.action(makeFunctionReference<"action">(`${mode}:action`), {});
      case "HTTP action":
        return backend.t.fetch(`/${mode}`, { method: "POST" }).then((response) => response.text());
    }
  };
  return {
    call: async (kind, mode) => {
      const start = performance.now();
      await run(kind, mode);
      const time = performance.now() - start;
      await sleep(PAUSE_MS);
      return time;
    },
    close: async () => {
      await backend.close();
      await receiver?.close();
    },
  };
}

async function startEndpoint(endpoint: Endpoint): Promise<OtlpReceiver> {
  const receiver = await startOtlpReceiver();
  const answer = ENDPOINTS[endpoint];
  // Its address is nobody's any more.
  if (answer === undefined) await receiver.close();
  else receiver.respond(() => answer);
  return receiver;
}

/** Each mode with each endpoint; the first one twice, since the difference of the two is what this machine cannot measure. */
async function kindRows(backends: ReadonlyMap<Endpoint | "none", Backend>, kind: Kind): Promise<Row[]> {
  const sample = (endpoint: Endpoint | "none", mode: Mode): Sample => {
    const backend = backends.get(endpoint);
    if (backend === undefined) throw new Error(`There is no backend whose endpoint ${endpoint}.`);
    return () => backend.call(kind, mode);
  };
  const modes = Object.keys(MODES) as Mode[];
  const sides = Object.fromEntries(
    modes.flatMap((mode) => [
      [`${mode} none`, sample("none", mode)],
      [`${mode} control`, sample("answers at once", mode)],
      ...endpoints().map((endpoint) => [`${mode} ${endpoint}`, sample(endpoint, mode)] as const),
    ]),
  );
  const times = await interleave(sides, { seconds: 3, minRounds: ROUNDS[kind] });
  return modes.flatMap((mode) => modeRows(kind, mode, (name) => times[`${mode} ${name}`] ?? []));
}

function modeRows(kind: Kind, mode: Mode, timesOf: (name: Endpoint | "none" | "control") => readonly number[]): Row[] {
  const fast = timesOf("answers at once");
  const control = estimate(ratios(timesOf("control"), fast));
  // "None": no further from an endpoint that answers at once than that is from itself.
  const noise = Math.max(control.high, 1 / control.low);
  const isHandOver = kind !== "action" || mode === "outbox";
  return endpoints().map((endpoint, index) => ({
    what: `${kind} ${MODES[mode]}, endpoint ${endpoint}`,
    ratio: estimate(ratios(timesOf(endpoint), index === 0 ? timesOf("none") : fast)),
    budget: isHandOver && index > 0 ? noise : undefined,
    note: `${index === 0 ? "of no exporter" : "of an answer at once"}; adds ${duration(differences(timesOf(endpoint), timesOf("none")))} to ${duration(timesOf("none"))}`,
  }));
}
