/**
 * The types of the builders: exactly Convex's own, with a mark.
 *
 * The mark sits in the Visibility parameter of mutations and actions, never in their arguments. So clients, crons,
 * helpers typed `MutationCtx` and tables of references compile as before, and the type check in `otel.ts` can still
 * tell which functions of an app are instrumented.
 */
import type {
  ActionBuilder,
  GenericDataModel,
  HttpActionBuilder,
  MutationBuilder,
  QueryBuilder,
  RegisteredAction,
} from "convex/server";

declare const traced: unique symbol;

/** The mark in the visibility of an instrumented function. Exists in types only. */
export interface Traced {
  readonly [traced]: true;
}

/** The builders of `./_generated/server`. */
export interface ServerBuilders<DataModel extends GenericDataModel> {
  readonly query: QueryBuilder<DataModel, "public">;
  readonly internalQuery: QueryBuilder<DataModel, "internal">;
  readonly mutation: MutationBuilder<DataModel, "public">;
  readonly internalMutation: MutationBuilder<DataModel, "internal">;
  readonly action: ActionBuilder<DataModel, "public">;
  readonly internalAction: ActionBuilder<DataModel, "internal">;
  readonly httpAction: HttpActionBuilder;
}

/** The same builders, instrumented. Queries keep their stock type: they are never touched. */
export interface TracedBuilders<DataModel extends GenericDataModel> {
  readonly query: QueryBuilder<DataModel, "public">;
  readonly internalQuery: QueryBuilder<DataModel, "internal">;
  readonly mutation: MutationBuilder<DataModel, "public" & Traced>;
  readonly internalMutation: MutationBuilder<DataModel, "internal" & Traced>;
  readonly action: ActionBuilder<DataModel, "public" & Traced>;
  readonly internalAction: ActionBuilder<DataModel, "internal" & Traced>;
  readonly httpAction: HttpActionBuilder;
}

/** Arguments of the `deliver` function. */
export type DeliverArgs = {
  /** Texts made by `encodeSpans`. */
  readonly texts: readonly string[];
  /** How many attempts to send them have failed. */
  readonly failures: number;
};

/** The function that sends what mutations and HTTP actions recorded. Export it: it is scheduled by its path. */
export type DeliverFunction = RegisteredAction<"internal" & Traced, DeliverArgs, Promise<null>>;
