/*
 * The smallest system in which a join can go wrong: branches that are being worked on, their results under way, and
 * coordinators that have been nudged. Time stands still: what depends on the order of calls shows, nothing else.
 */
import { parseTaskId, type RunId, type TaskKey } from '@joinery/core';
import { claimTask, completeTask, decideRun, startRun } from '@joinery/engine';
import { type SeededBug } from '../../seeded-bugs/seeded-bug.ts';
import { type ParkedCall } from '../call-board.ts';
import { pooled, type PooledDefinition } from '../definition-pool.ts';
import { comeToRest, makeCall } from '../make-call.ts';
import { type LockMode, type Scenario } from '../scenario.ts';
import { SimProcess } from '../sim-process.ts';
import { registerWarm } from '../warm-memories.ts';
import { createWorld, type World } from '../world.ts';

/** How small the scope is. */
export interface JoinScope {
  readonly branches: number;
  readonly coordinators: number;
  /** How many processes may die. */
  readonly crashes: number;
  /** Nudges that are there from the beginning: more than one coordinator has something to look at. */
  readonly nudges: number;
  readonly lock: LockMode;
  readonly bug?: SeededBug | null;
}

const definitions = new Map<number, PooledDefinition>();

function definitionOf(branches: number): PooledDefinition {
  const step = { kind: 'simple', isOptional: false, isPermissive: false, retryCount: 0 } as const;
  const task = { ...step, timeOut: 'none' } as const;
  const lanes = Array.from({ length: branches }, () => [task]);
  const fork = { kind: 'fork', branches: lanes, joinOn: null, isJoinOptional: false } as const;
  const known = definitions.get(branches) ?? pooled([fork, task]);
  definitions.set(branches, known);
  return known;
}

function scenarioOf({ branches, lock, coordinators }: JoinScope): Scenario {
  return {
    seed: 0,
    orderSeed: 1,
    family: 'small',
    definition: definitionOf(branches),
    runs: 1,
    partitions: 1,
    workers: 1,
    coordinators,
    lock,
    faults: [],
    // What is repaired after a crash is no sign of illness.
    operations: [{ runIndex: 0, type: 'explain', afterMs: 0, amount: 0 }],
    slowHandlers: 0,
    failures: 0,
    isPurged: false,
    isCold: false,
    illness: null,
  };
}

/** A claim whose result is to be stored. */
interface Held {
  readonly key: TaskKey;
  readonly token: string;
}

const signal = new AbortController().signal;

/** The scope at one moment: who can do something, and what is known of everything. */
export class JoinScopeRun {
  readonly world: World;
  readonly #runId: RunId;
  readonly #processes: readonly SimProcess[];
  readonly #told = new Map<SimProcess, string[]>();
  readonly #dead = new Set<SimProcess>();

  private constructor(world: World, runId: RunId, processes: readonly SimProcess[]) {
    this.world = world;
    this.#runId = runId;
    this.#processes = processes;
    for (const process of processes) this.#told.set(process, []);
  }

  /** Starts the run, claims its branches, and lets the processes begin. */
  static async begin(scope: JoinScope): Promise<JoinScopeRun> {
    const scenario = scenarioOf(scope);
    const world = createWorld(scenario, scope.bug ?? null);
    await registerWarm(scenario, world.definitions);
    const { runId, held } = await prepare(world, scenario);
    await world.nudges.push(Array.from({ length: scope.nudges }, () => runId));
    const processes: SimProcess[] = [];
    const bear = (role: string, main: (process: SimProcess) => Promise<void>): void => {
      const process = new SimProcess(world, role, 1);
      processes.push(process);
      process.spawn(() => main(process));
    };
    for (const claim of held) {
      bear(`finisher-${claim.key}`, (process) => finish(process, runId, claim));
    }
    for (let index = 1; index <= scope.coordinators; index += 1) {
      bear(`decider-${index}`, coordinateOneByOne);
    }
    await comeToRest();
    return new JoinScopeRun(world, runId, processes);
  }

  get crashes(): number {
    return this.#dead.size;
  }

  /** Numbers of the processes that have something to do now. */
  get able(): readonly number[] {
    return this.#processes.flatMap((process, index) => (this.#callOf(process) ? [index] : []));
  }

  /** The next call of a process takes place. */
  async run(index: number): Promise<void> {
    const process = this.#at(index);
    const call = this.#callOf(process);
    if (call === undefined) throw new Error(`${process.role} has nothing to do`);
    this.world.board.take(call);
    const reply = await makeCall(this.world, call, true);
    this.#told.get(process)?.push(JSON.stringify(reply) ?? '');
    await comeToRest();
  }

  /** A process dies before its next call: also after its last one, with the reply lost. */
  crash(index: number): void {
    const process = this.#at(index);
    this.world.board.drop(process.party);
    this.#dead.add(process);
  }

  /** Everything on which the future depends: what is stored, and where each process stands. */
  state(): string {
    const { nudges, board, store, clock } = this.world;
    const processes = this.#processes.map((process) => {
      const calls = board.calls.filter(({ party }) => party === process.party);
      return [
        calls.map(({ port, method, args, readyAt }) => [port, method, args, readyAt > clock.now()]),
        this.#told.get(process),
      ];
    });
    return JSON.stringify([store.snapshot(this.#runId), nudges.waiting, processes]);
  }

  #at(index: number): SimProcess {
    const process = this.#processes[index];
    if (process === undefined) throw new Error(`there is no process ${index}`);
    return process;
  }

  #callOf({ party }: SimProcess): ParkedCall | undefined {
    const { board, clock } = this.world;
    return board.ready(clock.now()).find((call) => call.party === party);
  }
}

/** The run with all its branches claimed. Nothing of this is part of the scope: it happens in one order. */
async function prepare(
  world: World,
  { definition }: Scenario,
): Promise<{ readonly runId: RunId; readonly held: readonly Held[] }> {
  const process = new SimProcess(world, 'preparer', 1);
  const started = await inOneGo(world, () =>
    startRun(process.engine, { name: definition.parsed.name, idempotencyKey: 'start-0' }),
  );
  const held: Held[] = [];
  for (const taskType of definition.taskTypes) {
    const job = world.queue.take(taskType);
    if (job === null) continue;
    const claim = await inOneGo(world, () =>
      claimTask(process.engine, { job, worker: 'w', leaseMs: 3_000 }),
    );
    world.queue.finish(job);
    const key = parseTaskId(job.taskId)?.key;
    if (claim.type === 'claimed' && key !== undefined) held.push({ key, token: claim.token });
  }
  world.board.drop(process.party);
  return { runId: started.runId, held };
}

async function inOneGo<T>(world: World, work: () => Promise<T>): Promise<T> {
  const done = work();
  let isDone = false;
  void done.then(() => (isDone = true));
  for (;;) {
    await comeToRest();
    if (isDone) return done;
    const [call] = world.board.ready(world.clock.now());
    if (call === undefined) throw new Error('the preparation stands still');
    world.board.take(call);
    await makeCall(world, call, true);
  }
}

async function finish(process: SimProcess, runId: RunId, { key, token }: Held): Promise<void> {
  process.world.watch.noteExecution(runId, key, token);
  const { output } = process.world.scriptOf(runId)(key, 1);
  const result = { status: 'COMPLETED', output, reason: '', attempt: 1 } as const;
  await completeTask(process.engine, { runId, key, token, ...result });
}

/** One nudge at a time, so that the coordinators share them. */
async function coordinateOneByOne(process: SimProcess): Promise<void> {
  for (;;) {
    const [runId] = await process.engine.nudges.pop(0, 1, signal);
    if (runId === undefined) continue;
    for (;;) {
      const outcome = await decideRun(process.engine, runId);
      if (outcome.type !== 'decided' || !outcome.hasMore) break;
    }
  }
}
