/**
 * The order of test files: those that take longest first, so that no worker is left alone with one of them at the end. By itself vitest
 * knows how long they took the last time, which a clean clone does not, and takes large files for slow ones.
 */
import { relative, resolve, sep } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const ROOT = resolve(import.meta.dirname, "..");

/** Half a minute of processor time and more, then ten seconds and more; which of them is first makes no difference. */
const SLOW = [
  "test/component/cost.test.ts",
  "test/proofs/inert.test.ts",
  "test/proofs/truth.test.ts",
  "test/component/faults.test.ts",
  "test/proofs/mutants.test.ts",
];

export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSlow = ({ moduleId }: TestSpecification): boolean =>
      SLOW.includes(relative(ROOT, moduleId).replaceAll(sep, "/"));
    const sorted = await super.sort(files);
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}
