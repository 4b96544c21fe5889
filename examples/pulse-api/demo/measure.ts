/** Sends requests one after the other and keeps how long each took. */
import { DEMO_KEY } from "../src/startServer.js";
import type { Ask } from "./traffic.js";

/** What one endpoint did. Times in milliseconds. */
export interface Percentiles {
  readonly requests: number;
  readonly p50: number;
  readonly p99: number;
}

/** Times by kind of endpoint. */
export type Measured = ReadonlyMap<Ask["kind"], Percentiles>;

/** @throws Error if an answer is not what it should be */
export async function measure(url: string, next: () => Ask, requests: number): Promise<Measured> {
  const times = new Map<Ask["kind"], number[]>();
  for (let sent = 0; sent < requests; sent += 1) {
    const { path, kind } = next();
    const started = performance.now();
    const response = await fetch(url + path, { headers: { "x-api-key": DEMO_KEY } });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`GET ${path} was answered with ${response.status}.`);
    times.set(kind, [...(times.get(kind) ?? []), performance.now() - started]);
  }
  return new Map([...times].map(([kind, all]) => [kind, percentiles(all)]));
}

function percentiles(times: readonly number[]): Percentiles {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
  return { requests: times.length, p50: at(0.5), p99: at(0.99) };
}
