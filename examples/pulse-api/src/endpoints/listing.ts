/** A listing, in the table and in an answer. */

/** A row, without what no answer shows. */
export interface ListingRow {
  readonly id: number;
  readonly category: string;
  readonly title: string;
  readonly material: string;
  readonly price_cents: number;
}

/** What an answer shows of it. */
export interface Listing {
  readonly id: number;
  readonly title: string;
  readonly category: string;
  readonly material: string;
  readonly price: string;
}

export function toListing({ id, title, category, material, price_cents: cents }: ListingRow): Listing {
  return { id, title, category, material, price: (cents / 100).toFixed(2) };
}
