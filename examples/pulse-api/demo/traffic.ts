/** Requests as clients send them: a few things are asked for often, most rarely. The same ones in each run. */

import { fakeRandom } from "convex-otel/testing";

/** Which filter people use: `material` came with a release. */
export type Release = "before" | "after";

/** A request, and the kind of endpoint that answers it. */
export interface Ask {
  readonly path: string;
  readonly kind: "search" | "detail" | "aggregate";
}

const ADJECTIVES = ["amber", "birch", "cedar", "dune", "ember", "fern", "granite", "hazel", "iris", "jade"];
const THINGS = ["lamp", "chair", "table", "shelf", "mirror", "rug", "vase", "clock"];
const MATERIALS = ["oak", "steel", "glass", "linen", "marble"];

/** Of a hundred requests, 66 search, 24 want one listing, 10 numbers of a category. */
const SEARCHES = 0.66;
const DETAILS = 0.9;

/** After the release, two of a hundred requests filter by material. */
const BY_MATERIAL = 0.02;

/** A source of requests. */
export function traffic(release: Release, seed: number): () => Ask {
  const source = fakeRandom(seed);
  const random = (): number => source.uint32() / 2 ** 32;
  /** One of `count`, where the first is asked for much more often than the last. */
  const popular = (count: number): number => Math.floor(count * random() ** 8);
  return () => {
    const what = random();
    if (release === "after" && what < BY_MATERIAL) {
      return { path: `/api/search?material=${pick(MATERIALS, random)}-${Math.floor(random() * 400)}`, kind: "search" };
    }
    if (what < SEARCHES) {
      const rank = popular(4_000);
      const title = `${ADJECTIVES[rank % 10]} ${THINGS[Math.floor(rank / 10) % 8]} ${Math.floor(rank / 80)}`;
      return { path: `/api/search?q=${encodeURIComponent(title)}`, kind: "search" };
    }
    if (what < DETAILS) return { path: `/api/listings/${1 + popular(1_000)}`, kind: "detail" };
    return { path: `/api/categories/category-${popular(100)}/stats`, kind: "aggregate" };
  };
}

function pick(from: readonly string[], random: () => number): string {
  return from[Math.floor(random() * from.length)] ?? "";
}
