/** What setting up a server leads to, and where it is kept: one in each process, however many copies of this library there are. */

/** What every set-up can do. */
interface Lifecycle {
  /**
   * Sends the spans that wait. Bounded by `batch.timeoutMs`; never rejects, failures are reported. In Cloudflare Workers spans leave
   * by this alone: give it to `ctx.waitUntil` after each request.
   */
  forceFlush(): Promise<void>;
  /**
   * Sends the spans that wait and takes back what was registered; spans that end later are lost. Bounded by `batch.timeoutMs`;
   * never rejects. For the end of a program that handles signals itself.
   */
  shutdown(): Promise<void>;
}

/** Tracing is set up. */
export interface Registered extends Lifecycle {
  readonly mode: "registered";
}

/** A provider was there before: it is left in charge, and gets the spans of this library too. */
export interface Adopted extends Lifecycle {
  readonly mode: "adopted";
  /** What does not apply, since the provider there decides: options that were given, and parts that would have been set up. */
  readonly notApplied: readonly string[];
}

/** Nothing is recorded. */
export interface Disabled extends Lifecycle {
  readonly mode: "disabled";
  /**
   * - `"no_exporter"`: none was given, or it lacks its endpoint or key, or `OTEL_TRACES_EXPORTER` is `none`
   * - `"sdk_disabled"`: `OTEL_SDK_DISABLED` is `true`; context that comes in is still handed on
   */
  readonly reason: "no_exporter" | "sdk_disabled";
}

/** What {@link registerNode} returns. */
export type NodeRegistration = Registered | Adopted | Disabled;

const SLOT = Symbol.for("convex-otel.node.v1");

type GlobalWithSlot = { [SLOT]?: NodeRegistration | undefined };

/** The set-up of this process, if there is one. */
export function currentRegistration(): NodeRegistration | undefined {
  return (globalThis as GlobalWithSlot)[SLOT];
}

/** Keeps the set-up of this process; undefined makes room for another. */
export function keepRegistration(registration: NodeRegistration | undefined): void {
  (globalThis as GlobalWithSlot)[SLOT] = registration;
}
