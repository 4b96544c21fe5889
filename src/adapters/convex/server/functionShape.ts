/** What a builder fixes about the functions it makes. */
export interface FunctionShape {
  readonly type: "mutation" | "action" | "http_action";
  readonly visibility: "public" | "internal";
}
