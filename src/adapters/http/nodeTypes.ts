/** The part of Node's HTTP servers that is used: HTTP/1 and the compatibility layer of HTTP/2 both have it. */

/** An incoming request: `IncomingMessage` of `node:http`, and what frameworks make of it. */
export interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly httpVersion?: string;
  readonly socket?: object;
}

/** The response to it: `ServerResponse` of `node:http`. */
export interface NodeResponse {
  readonly statusCode: number;
  readonly headersSent: boolean;
  getHeader(name: string): number | string | readonly string[] | undefined;
  setHeader(name: string, value: string): unknown;
  on(event: "finish" | "close", listener: () => void): unknown;
}

/** Goes on to the next middleware, or, with an argument, to the middleware for errors. */
export type NodeNext = (error?: unknown) => void;
