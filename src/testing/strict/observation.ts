/** Takes note of what one call does. */
import { realTime } from "./callClock.js";
import type { ConsoleBudget } from "./consoleBudget.js";
import { qualifiedPath } from "./deployedCode.js";
import { kindOfOperation } from "./operations.js";
import { ReadWriteSets, type StrictRead, type StrictWrite } from "./readWriteSets.js";
import type {
  StrictCall,
  StrictConsoleLine,
  StrictFunctionType,
  StrictLogLevel,
  StrictOperation,
  StrictOutcome,
  StrictVolume,
} from "./types.js";

/** What is known of a call when it starts. */
export interface CallStart {
  readonly componentPath: string;
  readonly path: string;
  readonly type: StrictFunctionType;
  readonly parent: Observation | undefined;
  readonly attempt: number;
  readonly argsJson: string;
  readonly seed: number;
  readonly budget: ConsoleBudget;
  /** It reads a snapshot of its own: what its caller has read does not include it. */
  readonly isSnapshot: boolean;
}

type RunningOperation = { -readonly [Member in keyof StrictOperation]: StrictOperation[Member] };

/** A {@link StrictCall} that is being written. */
export class Observation implements StrictCall {
  readonly componentPath: string;
  readonly path: string;
  readonly type: StrictFunctionType;
  readonly parent: Observation | undefined;
  readonly attempt: number;
  readonly argsJson: string;
  readonly seed: number;
  outcome: StrictOutcome = "running";
  error: string | undefined;
  clockReads = 0;
  randomDraws = 0;
  readonly importReads = { clock: 0, random: 0 };
  readonly envReads: string[] = [];
  readonly console: StrictConsoleLine[] = [];
  readonly operations: StrictOperation[] = [];
  startTime = realTime();
  endTime: number | undefined;
  unawaited: readonly string[] = [];
  observedTime = false;
  observedRandom = false;
  /** Modules are being evaluated: what they read is fixed for the deploy and does not count as observed. */
  isImporting = true;
  /** The identity, once it has been read. */
  identityJson: string | undefined;
  readonly sets = new ReadWriteSets();
  readonly documentsRead = { documents: 0, bytes: 0 } satisfies StrictVolume;
  readonly #isSnapshot: boolean;
  readonly #budget: ConsoleBudget;

  constructor(start: CallStart) {
    this.componentPath = start.componentPath;
    this.path = start.path;
    this.type = start.type;
    this.parent = start.parent;
    this.attempt = start.attempt;
    this.argsJson = start.argsJson;
    this.seed = start.seed;
    this.#isSnapshot = start.isSnapshot;
    this.#budget = start.budget;
  }

  get readSet(): readonly StrictRead[] {
    return this.sets.readSet;
  }

  get writeSet(): readonly StrictWrite[] {
    return this.sets.writeSet;
  }

  get cacheKey(): string | undefined {
    if (this.type !== "query") return undefined;
    return JSON.stringify([qualifiedPath(this.componentPath, this.path), this.argsJson, this.identityJson ?? null]);
  }

  /** The clock was read. A caller in the same transaction has then observed it too. */
  readClock(): void {
    if (this.isImporting) this.importReads.clock += 1;
    else {
      this.clockReads += 1;
      this.#forTransaction((call) => (call.observedTime = true));
    }
  }

  drawRandom(): void {
    if (this.isImporting) this.importReads.random += 1;
    else {
      this.randomDraws += 1;
      this.#forTransaction((call) => (call.observedRandom = true));
    }
  }

  readIdentity(json: string): void {
    // Across the boundary of a component it is another identity.
    this.#forTransaction((call) => {
      if (call.componentPath === this.componentPath) call.identityJson = json;
    });
  }

  readDocument(bytes: number): void {
    this.documentsRead.documents += 1;
    this.documentsRead.bytes += bytes;
  }

  print(level: StrictLogLevel, text: string): void {
    const line = this.#budget.admit(level, text);
    if (line !== undefined) this.console.push(line);
  }

  /** A line by the platform, which no limit holds back. */
  printSystem(level: StrictLogLevel, text: string, systemCode: string): void {
    this.console.push({ level, text, isTruncated: false, systemCode });
  }

  /** Its modules have been evaluated, and its handler starts. */
  enterHandler(): void {
    this.isImporting = false;
    this.startTime = realTime();
  }

  conclude(): void {
    if (this.endTime !== undefined) return;
    this.endTime = realTime();
    if (this.outcome !== "returned" && this.outcome !== "conflict") this.sets.rollBack();
    if (this.parent !== undefined && isTransactional(this.parent.type) && !this.#isSnapshot) {
      this.parent.sets.absorb(this.sets);
    }
  }

  /** Takes note of an operation. What is returned is called when it has been answered. */
  operate(name: string, argsJson: string): () => void {
    const startTime = realTime();
    const operation: RunningOperation = { kind: kindOfOperation(name), name, argsJson, startTime, endTime: undefined };
    this.operations.push(operation);
    return () => (operation.endTime = realTime());
  }

  #forTransaction(mark: (call: Observation) => void): void {
    mark(this);
    if (this.parent !== undefined && isTransactional(this.parent.type)) this.parent.#forTransaction(mark);
  }
}

/** Whether functions of a type run in a transaction, deterministically. */
export function isTransactional(type: StrictFunctionType): boolean {
  return type === "query" || type === "mutation";
}
