/** How large arguments, results and responses may be. Source: `crates/common/src/knobs.rs` of get-convex/convex-backend. */
import { getConvexSize, type Value } from "convex/values";

const MIB = 2 ** 20;

/** `FUNCTION_MAX_ARGS_SIZE` and `FUNCTION_MAX_RESULT_SIZE`, in bytes. */
const MAX_VALUE_BYTES = 16 * MIB;

/** `HTTP_ACTION_BODY_LIMIT` in `crates/udf/src/http_action.rs`, in bytes. */
export const MAX_RESPONSE_BYTES = 20 * MIB;

/** Throws if arguments are too large; the function does not run then: `validate_args_size` in `crates/udf/src/helpers.rs`. */
export function checkArgsSize(path: string, args: Value): void {
  const size = getConvexSize(args);
  if (size > MAX_VALUE_BYTES) {
    throw new Error(
      `Arguments for ${modulePath(path)} are too large (actual: ${text(size)}, limit: ${text(MAX_VALUE_BYTES)})`,
    );
  }
}

/** Throws if a result is too large: `deserialize_udf_result_inner` in `crates/isolate/src/helpers.rs`. */
export function checkResultSize(path: string, result: Value): Value {
  const size = getConvexSize(result);
  if (size <= MAX_VALUE_BYTES) return result;
  throw new Error(
    `Function ${modulePath(path)} return value is too large (actual: ${text(size)}, limit: ${text(MAX_VALUE_BYTES)})`,
  );
}

// Errors name the file: `dir/mod.js:fn`.
function modulePath(path: string): string {
  const [module = "", name = "default"] = path.split(":");
  return `${module}.js:${name}`;
}

function text(bytes: number): string {
  return `${Number((bytes / MIB).toFixed(2))} MiB`;
}
