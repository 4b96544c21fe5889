/** What tests of the set-up of a server share. */
import { afterEach, vi } from "vitest";
import type { Diagnostic } from "../../src/core/ports.js";
import { type NodeRegistration, registerNode, type RegisterNodeOptions } from "../../src/node/index.js";
import { type MemoryExporter, memoryExporter } from "../../src/testing/index.js";

/** A set-up that ends with the test. */
export interface SetUp {
  readonly tracing: NodeRegistration;
  readonly exporter: MemoryExporter;
  readonly reports: Diagnostic[];
  /** The spans so far. */
  readonly spans: () => Promise<MemoryExporter["spans"]>;
}

const open: NodeRegistration[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  for (const tracing of open.splice(0).reverse()) await tracing.shutdown();
});

/** Sets up tracing into memory. */
export function setUp(options: RegisterNodeOptions = {}): SetUp {
  const exporter = memoryExporter();
  const reports: Diagnostic[] = [];
  const tracing = registerNode({
    exporter,
    exitSignals: [],
    diagnostics: (diagnostic) => reports.push(diagnostic),
    ...options,
  });
  open.push(tracing);
  return {
    tracing,
    exporter,
    reports,
    spans: async () => {
      await tracing.forceFlush();
      return exporter.spans;
    },
  };
}
