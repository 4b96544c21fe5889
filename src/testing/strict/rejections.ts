/**
 * Finds the call that an unhandled rejection belongs to. In Convex such a rejection ends the function, and nothing in it can
 * catch that (`crates/isolate/src/request_scope.rs`, `promise_reject_callback`, of get-convex/convex-backend). A rejection
 * outside of all calls goes where it would have gone without this.
 */
import { AsyncLocalStorage } from "node:async_hooks";

import { turn } from "./eventLoop.js";

/** What to do with a rejection. */
export type OnRejection = (reason: unknown) => void;

// By the realm's Promise.prototype: a context is not kept alive by being known here.
const owners = new WeakMap<object, OnRejection>();

/** From now on, rejections of promises with this prototype go to `onRejection`. */
export function ownRejections(promisePrototype: object, onRejection: OnRejection): void {
  owners.set(promisePrototype, onRejection);
}

/** A call, as far as rejections are concerned. */
export interface RejectionOwner {
  readonly isOver: boolean;
  kill(reason: unknown): unknown;
}

const running = new AsyncLocalStorage<RejectionOwner>();

/** Runs code of a call. The promises that web APIs of Node.js make meanwhile are of no realm, but the call's all the same. */
export function onBehalfOf<T>(owner: RejectionOwner, run: () => T): T {
  return running.run(owner, run);
}

let users = 0;
let before: NodeJS.UnhandledRejectionListener[] = [];

/** Starts listening. The function that is returned stops it again, once, after what is under way has been reported. */
export function listenForRejections(): () => Promise<void> {
  users += 1;
  if (users === 1) install();
  let isOpen = true;
  return async () => {
    if (!isOpen) return;
    isOpen = false;
    await turn();
    await turn();
    users -= 1;
    if (users === 0) uninstall();
  };
}

// Test runners listen too, and would report what is part of a test: they are asked only about what is not ours.
function install(): void {
  before = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", dispatch);
}

function uninstall(): void {
  process.off("unhandledRejection", dispatch);
  for (const listener of before) process.on("unhandledRejection", listener);
  before = [];
}

function dispatch(reason: unknown, promise: Promise<unknown>): void {
  const owner = ownerOf(promise) ?? ownerInContext();
  if (owner !== undefined) return owner(reason);
  // What Node.js does when nobody listens.
  if (before.length === 0) throw reason;
  for (const listener of before) listener(reason, promise);
}

// What a call leaves behind, such as a job's timer, is not its own any more.
function ownerInContext(): OnRejection | undefined {
  const owner = running.getStore();
  return owner === undefined || owner.isOver ? undefined : (reason) => void owner.kill(reason);
}

function ownerOf(promise: object): OnRejection | undefined {
  for (
    let proto: unknown = promise;
    typeof proto === "object" && proto !== null;
    proto = Object.getPrototypeOf(proto)
  ) {
    const owner = owners.get(proto);
    if (owner !== undefined) return owner;
  }
  return undefined;
}
