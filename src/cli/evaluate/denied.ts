/**
 * Functions that refuse to run. They can be imported, passed around and extended, as modules do with classes at their
 * top level; only a call fails.
 */

/** A function or class that throws when it is called, naming what it stands for. */
export function denied(name: string): (...args: unknown[]) => never {
  return function () {
    throw new Error(`${name} is not available while modules are evaluated for a check`);
  };
}

/** A copy of a module in which the functions that `isDenied` picks refuse to run. */
export function withDenied(name: string, real: object, isDenied: (member: string) => boolean): Record<string, unknown> {
  const members = Object.entries(real).map(([member, value]: [string, unknown]) => {
    const refuse = typeof value === "function" && isDenied(member);
    return [member, refuse ? denied(`${name}.${member}`) : value] as const;
  });
  return Object.fromEntries(members);
}
