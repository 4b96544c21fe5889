import { traceFetchHandler } from "convex-otel/http";

export const revalidate = 86_400;

/** Prerendered, since it does not look at its request. */
export const GET = traceFetchHandler(() => new Response("every day"), { route: "/api/daily" });
