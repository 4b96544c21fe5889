/** A handler of an HTTP action, as far as wrapping it is concerned. */
export type HttpHandler<Ctx extends object = object> = (ctx: Ctx, request: Request) => Promise<Response>;
