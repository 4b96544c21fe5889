/**
 * The type check of `otel.ts`: one compile error while a mutation or an action is neither built with our builders nor
 * listed in `uninstrumented`.
 *
 * Convex rejects arguments that a function does not declare, and says so only when a scheduled function runs. So the
 * list of functions that must not get a carrier has to be complete, and only the compiler sees every function of an
 * app at once.
 *
 * TypeScript prints at most 320 characters of a type and half of that of a union (`defaultMaximumTruncationLength` in
 * its checker). So the names are one string literal, compared with another one: one line, and the most names.
 */
import type { Traced } from "./types.js";

/** What {@link Instrumented} must be. The text is what the compiler prints as the expected type. */
export type Complete =
  "only mutations and actions that are built with ./otel or listed in `uninstrumented` (all names: npx convex-otel check)";

/**
 * {@link Complete} if every mutation and action of an app is built with instrumented builders or covered by the list,
 * else the names of those that are not, as one string literal. Queries and HTTP actions take no carrier and need
 * neither.
 *
 * What the api type does not know, this cannot either: an untyped api (`AnyApi`, JavaScript) passes, and Convex leaves
 * exports of type `any` out of `api`. `npx convex-otel check` finds those.
 *
 * @typeParam Api - `typeof api | typeof internal` of `./_generated/api`.
 * @typeParam Listed - `typeof uninstrumented`: an array declared `as const`, with `"dir/mod:fn"`, `"mod:*"`, `"dir/*"`
 * or `"*"`.
 *
 * @example
 * ```ts
 * import type { Complete, Instrumented } from "convex-otel/convex";
 * import type { api, internal } from "./_generated/api";
 *
 * const uninstrumented = ["auth:*", "migrations:run"] as const;
 * ({}) as Instrumented<typeof api | typeof internal, typeof uninstrumented> satisfies Complete;
 * ```
 */
export type Instrumented<Api, Listed extends readonly string[]> = string extends Listed[number]
  ? "declare the list `as const`: the compiler cannot see what a plain string[] contains"
  : NamesOr<Complete, Missing<Api, Listed[number]>>;

type NamesOr<None, Names> = [Names] extends [never] ? None : Joined<Names>;

type Missing<Api, Listed extends string> = Exclude<StockPaths<Api>, Covered<Listed>>;

// The rules are those that `covers` of the sampler applies at run time: two readings of one list would lose carriers.
type Covered<Pattern extends string> = Pattern extends `${infer Module}:*`
  ? Module | `${Module}:${string}`
  : Pattern extends `${infer Prefix}*`
    ? `${Prefix}${string}`
    : Pattern;

// Objects with an index signature are untyped apis: walking them would not end.
type StockPaths<Api, Path extends string = ""> = Api extends unknown
  ? string extends keyof Api
    ? never
    : { [Key in keyof Api & string]: StockPath<Api[Key], Path, Key> }[keyof Api & string]
  : never;

type StockPath<Entry, Path extends string, Key extends string> = Entry extends
  { _type: "query" } | { _visibility: Traced }
  ? never
  : Entry extends { _type: string }
    ? Key extends "default"
      ? Path
      : `${Path}:${Key}`
    : StockPaths<Entry, Path extends "" ? Key : `${Path}/${Key}`>;

// About what fits into 320 characters.
type MaxNames = 20;

// Module by module, since a step costs the square of the union it picks from, and modules are few.
type Joined<Names, Text extends string = "", Count extends readonly unknown[] = []> = [Names] extends [never]
  ? Text
  : Count["length"] extends MaxNames
    ? `${Text}, …`
    : LastName<Names> extends infer Name extends string
      ? Joined<Exclude<Names, Name>, Text extends "" ? Name : `${Name}, ${Text}`, [...Count, unknown]>
      : never;

type LastName<Names> =
  Last<ModuleOf<Names>> extends infer Module extends string
    ? Last<Extract<Names, Module | `${Module}:${string}`>>
    : never;

type ModuleOf<Name> = Name extends `${infer Module}:${string}` ? Module : Name;

// Inference from an intersection of functions takes the last one: the only way to pick one member of a union.
type Last<Union> = (Union extends unknown ? (take: () => Union) => void : never) extends (take: infer Both) => void
  ? Both extends () => infer Member
    ? Member
    : never
  : never;
