/**
 * Errors whose message quotes data: what telemetry looks at in their place. A database names the value that it refuses, and the
 * error passes through every span around the statement. How a client words its errors is known where it is instrumented, so
 * rules come from there. They hold for all copies of this library in a process.
 */

/** The message that telemetry may have, of an error that a rule knows; undefined of any other. Must not throw. */
export type MessageRule = (thrown: object) => string | undefined;

/** Where in the global all rules are, as one function: what it takes to ask them is in every Convex bundle. */
export const ERROR_RULES = Symbol.for("convex-otel.errors.v1");

/** Says in place of an error what may be known of it; undefined of errors that no rule knows. */
type ErrorRules = ((thrown: object) => object | undefined) & { readonly rules: Map<string, MessageRule> };

/** The global of a process. */
export type GlobalWithRules = { [ERROR_RULES]?: ErrorRules };

/** Adds a rule, once for each name. */
export function addMessageRule(name: string, rule: MessageRule): void {
  const { rules } = ((globalThis as GlobalWithRules)[ERROR_RULES] ??= noRules());
  if (!rules.has(name)) rules.set(name, rule);
}

function noRules(): ErrorRules {
  const rules = new Map<string, MessageRule>();
  const ask = (thrown: object): object | undefined => {
    for (const rule of rules.values()) {
      const message = rule(thrown);
      if (message !== undefined) return withMessage(thrown, message);
    }
    return undefined;
  };
  return Object.assign(ask, { rules });
}

/** Above the frames of a stack is the message, with all of its data. */
function withMessage(thrown: object, message: string): object {
  const { name = thrown.constructor?.name, stack } = thrown as Partial<Record<string, unknown>>;
  const frames = /^ {4}at [^]*/m.exec(String(stack))?.[0];
  return { name, message, stack: frames && `${String(name)}: ${message}\n${frames}` };
}
