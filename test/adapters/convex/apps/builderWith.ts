/** Stock builders whose handlers get another ctx: what an older backend, or an older `convex`, gives them. */

type Handler = (ctx: object, args: unknown) => unknown;

/** Changes the ctx of whatever a builder builds. The builder keeps its type. */
export function builderWith(change: (ctx: object) => object) {
  return <Builder>(builder: Builder): Builder => {
    const build = builder as (definition: object) => object;
    const changed: unknown = (definition: { readonly handler: Handler }) =>
      build({ ...definition, handler: (ctx: object, args: unknown) => definition.handler(change(ctx), args) });
    return changed as Builder;
  };
}
