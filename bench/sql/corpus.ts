/** The statements that everything is measured on. They are made anew from seeds, and shared with the tests. */
import { DIALECTS, literalsOf } from "../../test/adapters/sql/corpus/literals.js";
import { type Statement, type Style, write, type Written } from "../../test/adapters/sql/corpus/nodes.js";
import { type Random, seeded } from "../../test/adapters/sql/corpus/random.js";
import { Statements } from "../../test/adapters/sql/corpus/statements.js";
import { plainStyle, wildStyle } from "../../test/adapters/sql/corpus/variants.js";

/** Statements of one dialect, and ways to write them. */
export interface Corpus {
  readonly dialect: string;
  readonly random: Random;
  readonly statements: readonly Statement[];
  readonly plain: Style;
  readonly wild: Style;
}

export function corpora(count: number, seed: number): Corpus[] {
  return DIALECTS.map((dialect, i) => {
    const random = seeded(seed + i);
    const maker = new Statements(dialect, random);
    const statements = Array.from({ length: count }, () => maker.next());
    const literal = literalsOf(dialect, random);
    return { dialect, random, statements, plain: plainStyle(literal, random), wild: wildStyle(literal, random) };
  });
}

/** Every statement of a corpus, plain and wild. */
export function written({ statements, plain, wild }: Corpus): Written[] {
  return statements.flatMap(({ parts }) => [write(parts, plain), write(parts, wild)]);
}
