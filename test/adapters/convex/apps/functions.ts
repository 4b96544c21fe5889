/** References to functions of the apps. */
import { makeFunctionReference } from "convex/server";

/** Functions of the main app. */
export const fns = {
  list: makeFunctionReference<"query">("fns:list"),
  add: makeFunctionReference<"mutation">("fns:add"),
  echoArgs: makeFunctionReference<"mutation">("fns:echoArgs"),
  nothing: makeFunctionReference<"mutation">("fns:nothing"),
  inner: makeFunctionReference<"mutation">("fns:inner"),
  outer: makeFunctionReference<"mutation">("fns:outer"),
  work: makeFunctionReference<"action">("fns:work"),
  fail: makeFunctionReference<"mutation">("fns:fail"),
  catches: makeFunctionReference<"action">("fns:catches"),
  many: makeFunctionReference<"mutation">("fns:many"),
  named: makeFunctionReference<"mutation">("fns:named"),
  chain: makeFunctionReference<"mutation">("fns:chain"),
  tight: makeFunctionReference<"mutation">("fns:tight"),
};

/** Functions that tests define themselves. */
export const ownMutation = (name: string) => makeFunctionReference<"mutation">(`own:${name}`);
export const ownAction = (name: string) => makeFunctionReference<"action">(`own:${name}`);

export const target = ownMutation("target");
export const plain = ownMutation("plain");
export const run = ownMutation("run");
