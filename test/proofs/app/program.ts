/**
 * Programs: what the functions of the app of the proofs do. A program is plain data, so that it can be generated, printed,
 * made smaller, and handed to a function as its argument.
 */

/** Types of functions that Convex runs. */
export type FunctionType = "query" | "mutation" | "action";

/** One call of a function. */
export interface Node {
  /** Unique in its program. */
  readonly id: string;
  /** The function, as `module:name`. */
  readonly fn: string;
  readonly type: FunctionType;
  readonly body: readonly Step[];
}

/** What a function may throw. */
export type Thrown = "error" | "type" | "convex" | "text";

/** One thing that a function does. */
export type Step =
  | { readonly do: "insert"; readonly value: number }
  /** Reads the documents of this function through an index. */
  | { readonly do: "collect" }
  /** Reads, changes or removes the document that this call has inserted last; nothing if it has none. */
  | { readonly do: "get" | "patch" | "remove" }
  | { readonly do: "call"; readonly node: Node; readonly catches: boolean }
  | { readonly do: "schedule"; readonly node: Node }
  /** Branches that run at the same time; errors count once all of them have ended. */
  | { readonly do: "parallel"; readonly branches: readonly (readonly Step[])[] }
  | { readonly do: "span"; readonly name: string; readonly body: readonly Step[] }
  /** An attribute and an event on the active span. */
  | { readonly do: "note" }
  | { readonly do: "throw"; readonly error: Thrown }
  /** What Convex's query cache looks at, and the console. */
  | { readonly do: "clock" | "random" | "env" | "log" }
  /** Of actions only. */
  | { readonly do: "sleep" };

/** What a test does: one call by a client, or a request. */
export interface Program {
  readonly root: Node;
  /** The request whose handler runs the root's body, instead of a call. */
  readonly isHttp: boolean;
}

/** What one step came to, comparable between runs: no ids and no times. */
export type StepResult =
  string | number | boolean | null | readonly StepResult[] | { readonly [name: string]: StepResult };
