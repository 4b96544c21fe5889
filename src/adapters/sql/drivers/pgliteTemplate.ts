/** The statement that a template of PGlite stands for: `` sql`SELECT * FROM ${identifier`pets`} WHERE id = ${7}` ``. */

/** A part that becomes text: a name, raw SQL, or a template in a template. The marks are PGlite's (`templating.ts`). */
interface Part {
  readonly _templateType?: unknown;
  readonly strings?: unknown;
  readonly values?: unknown;
  readonly str?: unknown;
}

/** The text, with `$1` and so on for what is bound. Undefined for what is no template. */
export function templateText(strings: unknown, values: readonly unknown[]): string | undefined {
  let parameters = 0;
  const textOf = (pieces: unknown, given: readonly unknown[]): string => {
    if (!Array.isArray(pieces)) return "";
    return pieces.reduce<string>((text, piece, index) => {
      return `${text}${String(piece)}${index < given.length ? valueText(given[index]) : ""}`;
    }, "");
  };
  const valueText = (value: unknown): string => {
    const { _templateType, strings: inner, values: own, str } = (value ?? {}) as Part;
    if (_templateType === "part") return typeof str === "string" ? str : "";
    if (_templateType === "container") return textOf(inner, Array.isArray(own) ? (own as readonly unknown[]) : []);
    parameters += 1;
    return `$${parameters}`;
  };
  return Array.isArray(strings) ? textOf(strings, values) : undefined;
}
