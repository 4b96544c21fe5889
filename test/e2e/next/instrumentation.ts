/** Run by Next.js once before the first request, as `docs/http.md` shows it. */
export async function register(): Promise<void> {
  // A block, not an early return: bundlers then leave out what it imports where the condition does not hold.
  if (process.env["NEXT_RUNTIME"] === "nodejs") {
    const { registerNode } = await import("convex-otel/node");
    const { otlp } = await import("convex-otel/otlp");
    registerNode({
      service: { name: "next" },
      exporter: otlp({ endpoint: process.env["RECEIVER"] ?? "" }),
      sampling: { "load route module": 0, "GET /api/daily": 0 },
      redact: (name, value) => (name === "http.target" ? String(value).replace(/\?.*/, "") : value),
    });
  }
}
