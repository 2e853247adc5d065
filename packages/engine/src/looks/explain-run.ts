import {
  isTerminalRun,
  isTerminalTask,
  requestedRunOf,
  type RunId,
  type RunStatus,
  type TaskKey,
  type TaskRow,
  workerTypeOf,
} from '@joinery/core';
import { type JobCounts } from '@joinery/queues';
import { type Fleet } from '@joinery/store';
import { type Engine } from '../engine.ts';
import { jobOf } from '../letters/enqueue-letters.ts';

/** Why one task does not move. */
export type TaskWait =
  /** Its job stands in a queue, or should. `workers` = live processes that run its type. */
  | {
      readonly state: 'unclaimed';
      readonly hasJob: boolean;
      readonly queue: JobCounts;
      readonly workers: number;
      /** What it calls is left alone. */
      readonly circuit?: { readonly target: string; readonly openUntil: number };
    }
  | { readonly state: 'claimed'; readonly worker: string; readonly deliveries: number }
  /** Its back-off or its wait is not over. */
  | { readonly state: 'delayed' }
  /** A join, and the tasks that it still waits for. */
  | { readonly state: 'joining'; readonly waitingFor: readonly TaskKey[] }
  /** Another run carries it out, or is to be started by it. */
  | { readonly state: 'child'; readonly runId: RunId }
  /** Its result is stored, and nobody has acted upon it yet. */
  | { readonly state: 'unsettled' };

/** Why one task is where it is. */
/** Where one open task stands. */
export interface TaskExplanation {
  readonly key: TaskKey;
  readonly taskType: string;
  readonly attempt: number;
  readonly status: TaskRow['status'];
  readonly reason: string;
  readonly wait: TaskWait;
}

/** Why a run is where it is. */
export interface RunExplanation {
  readonly runId: RunId;
  readonly status: RunStatus;
  readonly reason: string;
  /** Sentences for people, the most telling first. */
  readonly causes: readonly string[];
  readonly isDirty: boolean;
  readonly openCount: number;
  readonly lastDecidedAt: number;
  readonly lastActor: string;
  /** When it will be looked at next, ms since epoch; null: never, it is done with. */
  readonly nextLookAt: number | null;
  /** Who holds its fused lock. */
  readonly lock: { readonly token: string; readonly leftMs: number } | null;
  /** Open tasks in order of creation, at most 100. */
  readonly tasks: readonly TaskExplanation[];
}

// What a person reads; the counts say how many there are.
const TASKS_LIMIT = 100;

/** Says why a run is not moving; null when it does not exist. Changes nothing. */
export async function explainRun(
  engine: Engine,
  fleet: Pick<Fleet, 'live'>,
  runId: RunId,
): Promise<RunExplanation | null> {
  const { store } = engine;
  const run = await store.find(runId);
  if (run === null) return null;
  const [rows, attention, lock, members] = await Promise.all([
    store.rows(runId),
    store.attention(runId),
    store.lockHolder(runId),
    fleet.live(),
  ]);
  const types = members.flatMap((member) => (member.phase === 'ready' ? member.taskTypes : []));
  const open = rows.filter((row) => !row.isSettled).slice(0, TASKS_LIMIT);
  const tasks = await Promise.all(
    open.map((row) => explainTask(engine, { runId, definition: run.definition, rows, types }, row)),
  );
  const { status, reason, lastActor, lastDecidedAt, open: openCount } = run;
  const isDirty = run.dirty > run.seen;
  const nextLookAt = attention?.dueAt ?? null;
  const facts = { isDirty, hasLock: lock !== null, closingTo: run.closing?.status };
  const causes = causesOf(status, tasks, facts);
  const about = { runId, status, reason, causes, isDirty, openCount };
  return { ...about, lastDecidedAt, lastActor, nextLookAt, lock, tasks };
}

interface Surroundings {
  readonly runId: RunId;
  readonly definition: string;
  readonly rows: readonly TaskRow[];
  /** A task type once for each live process that runs it. */
  readonly types: readonly string[];
}

async function explainTask(
  engine: Engine,
  around: Surroundings,
  row: TaskRow,
): Promise<TaskExplanation> {
  const { key, attempt, status, reason } = row;
  const taskType = workerTypeOf(row);
  return { key, taskType, attempt, status, reason, wait: await waitOf(engine, around, row) };
}

async function waitOf(engine: Engine, around: Surroundings, row: TaskRow): Promise<TaskWait> {
  if (isTerminalTask(row.status)) return { state: 'unsettled' };
  if (row.type === 'JOIN') return { state: 'joining', waitingFor: openBranches(around.rows, row) };
  const child = requestedRunOf(row);
  if (child !== null) return { state: 'child', runId: child };
  if (row.worker !== '')
    return { state: 'claimed', worker: row.worker, deliveries: row.deliveries };
  if (row.dispatch === 0 || row.status === 'IN_PROGRESS') return { state: 'delayed' };
  const { runId, definition } = around;
  const { key, ref, attempt, dispatch, priority } = row;
  const taskType = workerTypeOf(row);
  const letter = { type: 'dispatch', key, ref, taskType, attempt, dispatch, priority } as const;
  const [exists] = await engine.queue.exists([jobOf({ runId, definition, traceId: '', letter })]);
  const queue = await engine.queue.waiting(taskType);
  const workers = around.types.filter((type) => type === taskType).length;
  const circuit = await openCircuitOf(engine, row);
  const about = { state: 'unclaimed', hasJob: exists ?? false, queue, workers } as const;
  return circuit === null ? about : { ...about, circuit };
}

async function openCircuitOf(
  { breakers }: Engine,
  { limits }: TaskRow,
): Promise<{ readonly target: string; readonly openUntil: number } | null> {
  const target = limits?.circuit?.target;
  const state = target === undefined ? null : await breakers.look(target);
  return target === undefined || state === null || state.openUntil === 0
    ? null
    : { target, openUntil: state.openUntil };
}

/** Branch ends that the join names and that are not done; tasks in front of them are open themselves. */
function openBranches(rows: readonly TaskRow[], join: TaskRow): readonly TaskKey[] {
  return rows
    .filter((row) => Object.hasOwn(row.joins, join.key) && !isTerminalTask(row.status))
    .map((row) => row.key);
}

function causesOf(
  status: RunStatus,
  tasks: readonly TaskExplanation[],
  run: {
    readonly isDirty: boolean;
    readonly hasLock: boolean;
    readonly closingTo: string | undefined;
  },
): readonly string[] {
  if (isTerminalRun(status)) return [`the run has ended ${status}`];
  const causes = status === 'PAUSED' ? ['the run is paused: resume it'] : [];
  if (run.closingTo !== undefined) causes.push(`the run is being closed as ${run.closingTo}`);
  if (run.isDirty) {
    const who = run.hasLock ? 'by the holder of its lock' : 'as soon as a coordinator takes it';
    causes.push(`something has arrived and will be decided ${who}`);
  }
  return [...causes, ...tasks.map(causeOf)];
}

function causeOf({ key, taskType, wait, attempt }: TaskExplanation): string {
  switch (wait.state) {
    case 'unclaimed': {
      if (wait.workers === 0) return `task ${key}: no live worker runs ${taskType}`;
      if (!wait.hasJob) return `task ${key}: its job is missing; the sweeper sends it again`;
      if (wait.circuit !== undefined) {
        const until = new Date(wait.circuit.openUntil).toISOString();
        return `task ${key}: ${wait.circuit.target} is left alone until ${until}, then a few may try`;
      }
      const ahead = wait.queue.waiting + wait.queue.prioritized;
      return `task ${key}: waits in queue ${taskType} among ${ahead} jobs`;
    }
    case 'claimed':
      return `task ${key}: attempt ${attempt} is claimed by ${wait.worker} (delivery ${wait.deliveries})`;
    case 'child':
      return `task ${key}: attempt ${attempt} waits for run ${wait.runId}: explain that one`;
    case 'delayed':
      return `task ${key}: attempt ${attempt} waits for its moment or for a result from outside`;
    case 'joining':
      return `join ${key}: waits for ${wait.waitingFor.join(', ') || 'tasks that have not begun'}`;
    case 'unsettled':
      return `task ${key}: has ended and waits for a decision`;
  }
}
