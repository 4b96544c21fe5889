/** What is proved of each program, for the tests that run in every build and for the long ones. */
import type { ConvexBundle } from "../../src/testing/convexBundle.js";
import { startOtlpReceiver, type OtlpReceiver } from "../../src/testing/index.js";
import type { StrictCall } from "../../src/testing/strict/index.js";
import type { Node, Program, Step } from "./app/program.js";
import { compareTraces } from "./compareTraces.js";
import { expectedTraces, type Rules } from "./expected.js";
import { observe, type Observed } from "./observed.js";
import { DELIVER, runPrograms, type RunOptions } from "./runProgram.js";
import { timeProblems } from "./times.js";

/** What a program looks like from outside. */
export async function look(bundle: ConvexBundle, program: Program, options: RunOptions): Promise<Observed> {
  const run = await runPrograms(bundle, [program], options);
  try {
    return await observe(run);
  } finally {
    await run.backend.close();
  }
}

/** What arrived, and what had to. Equal if the library tells the truth. */
export interface Truth {
  readonly received: string;
  readonly expected: string;
  readonly problems: readonly string[];
}

/** Runs programs at the same time, and judges what the receiver got. */
export async function findTruth(
  bundle: ConvexBundle,
  programs: readonly Program[],
  rules: Rules,
  options: RunOptions = {},
): Promise<Truth> {
  const receiver = await startOtlpReceiver();
  try {
    return await judge(receiver, bundle, programs, rules, options);
  } finally {
    await receiver.close();
  }
}

async function judge(
  receiver: OtlpReceiver,
  bundle: ConvexBundle,
  programs: readonly Program[],
  rules: Rules,
  options: RunOptions,
): Promise<Truth> {
  const env = { ...options.env, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  const { backend } = await runPrograms(bundle, programs, { ...options, env });
  await backend.close();
  const strays =
    options.outbox === undefined ? [] : backend.calls.filter(sendsByItself).map(({ path }) => `${path} sends`);
  const expected = programs.flatMap((program) => expectedTraces(program, rules));
  const { matches, problems, ...texts } = compareTraces(expected, receiver.spans);
  // Ids of nodes repeat from program to program.
  const times = programs.length === 1 ? timeProblems(matches, backend.calls) : [];
  const refused = receiver.requests.flatMap(({ problem }) => problem ?? []);
  return { ...texts, problems: [...problems, ...times, ...refused, ...strays] };
}

/** Whether spans left past the outbox. */
function sendsByItself({ componentPath, path, operations }: StrictCall): boolean {
  return path === DELIVER || (componentPath === "" && operations.some(({ kind }) => kind === "fetch"));
}

/** Conflicts for mutations that a program calls once, outside of other transactions. */
export function conflictsFor({ root }: Program): Record<string, number> {
  const paths = outermostMutations(root, false);
  const once = paths.filter((path) => paths.indexOf(path) === paths.lastIndexOf(path));
  return Object.fromEntries(once.map((path, index) => [path, 1 + (index % 3)]));
}

function outermostMutations(node: Node, isInside: boolean): string[] {
  const own = node.type === "mutation" && !isInside ? [node.fn] : [];
  const inner = callsIn(node.body).flatMap(({ callee, isScheduled }) =>
    outermostMutations(callee, !isScheduled && node.type !== "action"),
  );
  return [...own, ...inner];
}

function callsIn(steps: readonly Step[]): { callee: Node; isScheduled: boolean }[] {
  return steps.flatMap((step) => {
    if (step.do === "call") return [{ callee: step.node, isScheduled: false }];
    if (step.do === "schedule") return [{ callee: step.node, isScheduled: true }];
    if (step.do === "span") return callsIn(step.body);
    return step.do === "parallel" ? step.branches.flatMap(callsIn) : [];
  });
}
