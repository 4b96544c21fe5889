/** An answer that is no success, as the endpoint that finds it throws it. */
export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    readonly status: 400 | 401 | 404 | 405,
    message: string,
  ) {
    super(message);
  }
}
