import {
  type ConductorTaskResult,
  parseConductorTaskId,
  reasonOf,
  type TaskAttempt,
} from '@joinery/contract';
import {
  isEndedFromOutside,
  isOperatorType,
  isTerminalTask,
  joineryError,
  type Json,
  type ResultStatus,
  type RunState,
  type TaskRow,
} from '@joinery/core';
import {
  beatClaims,
  type ClaimOutcome,
  completeTask,
  type Engine,
  gateOf,
  type GoOn,
  handBackTask,
  type Holding,
  leaveGate,
  noteCall,
  operateRun,
} from '@joinery/engine';
import { type TaskLogs } from '@joinery/store';
import { clockLeadOf, FIRST_LEASE_MS, remoteLeaseMs } from './remote/claimed-task.ts';

/** What an update stands on. */
export interface UpdateParts {
  readonly engine: Engine;
  readonly taskLogs: TaskLogs;
}

/** What became of an update. `ignored`: the attempt had ended or was replaced, as for a result that comes late. */
export interface UpdatedTask {
  readonly type: 'completed' | 'postponed' | 'extended' | 'ignored';
  readonly row: TaskRow;
  /** The task with which the worker that wants one goes on, claimed in the same step as the result. */
  readonly next?: Claimed;
}

type Claimed = Extract<ClaimOutcome, { type: 'claimed' }>;

/** A claim that changes hands between our look and our write is looked at again; more often, something else is wrong. */
const TRIES = 5;

/**
 * Takes what a worker says of its attempt. Whoever knows the id speaks for the attempt: the first end wins, late ones
 * change nothing and are answered like the others. Throws JN_TASK_NOT_FOUND, or JN_NOT_IMPLEMENTED for CANCELED.
 */
export async function updateTask(
  parts: UpdateParts,
  result: ConductorTaskResult,
  { goesOn = false }: { readonly goesOn?: boolean } = {},
): Promise<UpdatedTask> {
  const attempt = parseConductorTaskId(result.taskId);
  if (attempt === null) throw joineryError('JN_TASK_NOT_FOUND', unknownTask(result.taskId));
  for (let tries = 0, rev = -1; tries < TRIES; tries += 1) {
    const row = await findAttempt(parts.engine, attempt, result.taskId);
    if (tries === 0) await keepLogs(parts, attempt, result);
    const isOver = row.attempt !== attempt.attempt || isTerminalTask(row.status);
    // Refused although nobody has touched the row: its run is ending.
    if (isOver || row.rev === rev) return { type: 'ignored', row };
    rev = row.rev;
    const applied = await applyResult(parts.engine, { attempt, row, result, goesOn });
    if (applied.type !== 'stale') return { ...applied, type: applied.type, row };
  }
  const what = `update of task ${result.taskId}`;
  throw joineryError('JN_INVARIANT_BROKEN', { what, problem: 'its claim changes all the time' });
}

/** The current row of the attempt's task; a later attempt may have taken its place. */
export async function findAttempt(
  { store }: Pick<Engine, 'store'>,
  { runId, key, attempt }: TaskAttempt,
  taskId: string,
): Promise<TaskRow> {
  const read = await store.read(runId, { rows: [key], data: [], arrivals: [] });
  const row = read?.rows.get(key) ?? null;
  if (row !== null && row.attempt >= attempt) return row;
  throw joineryError('JN_TASK_NOT_FOUND', { ...unknownTask(taskId), runId });
}

function unknownTask(task: string): { readonly runId: string; readonly task: string } {
  return { runId: 'unknown', task };
}

async function keepLogs(
  { engine, taskLogs }: UpdateParts,
  { runId }: TaskAttempt,
  { taskId, logs = [] }: ConductorTaskResult,
): Promise<void> {
  const now = engine.clock.now();
  const lines = logs.map(({ log, createdTime }) => ({ text: log ?? '', at: createdTime ?? now }));
  await taskLogs.append(runId, taskId, lines);
}

interface Update {
  readonly attempt: TaskAttempt;
  readonly row: TaskRow;
  readonly result: ConductorTaskResult;
  readonly goesOn: boolean;
}

interface Applied {
  readonly type: UpdatedTask['type'] | 'stale';
  readonly next?: Claimed;
}

async function applyResult(engine: Engine, update: Update): Promise<Applied> {
  const { result, row } = update;
  const { status = 'IN_PROGRESS' } = result;
  if (result.extendLease === true) return { type: await extendLease(engine, update) };
  if (isOperatorType(row.type) && !isEndedFromOutside(row.type)) {
    const problem = `${row.type} tasks are ended by the engine alone`;
    throw joineryError('JN_REQUEST_INVALID', { what: `task ${row.key}`, problem });
  }
  if (status === 'CANCELED') {
    const reason = 'attempts end COMPLETED, FAILED or FAILED_WITH_TERMINAL_ERROR';
    throw joineryError('JN_NOT_IMPLEMENTED', { what: 'the result CANCELED', reason });
  }
  if (status === 'IN_PROGRESS') return { type: await postpone(engine, update) };
  return complete(engine, update, status);
}

async function complete(
  engine: Engine,
  { attempt, row, result, goesOn }: Update,
  status: ResultStatus,
): Promise<Applied> {
  const output: Json = result.outputData ?? {};
  const reason = reasonOf(result.reasonForIncompletion);
  const { token } = row;
  const holding = await holdingOf(engine, row, { attempt, goesOn });
  const done = { ...attempt, token, status, output, reason };
  const { type, ...reply } = await completeTask(engine, done, holding);
  // With a holding it has been noted.
  if (holding === undefined && token !== '') await noteCall(engine, row, { token, status });
  await leaveGate(engine, attempt.runId, row, token);
  if (type === 'stale') return { type };
  // Gone: the run was purged between our look and our write.
  const next = 'next' in reply ? reply.next : undefined;
  return { type: 'completed', ...(next === undefined ? {} : { next }) };
}

/**
 * The fast path of our own workers, for others: what follows is decided on the run as it is now, and rides with the
 * result. Undefined: nobody has claimed the task, or the store's clock is not known here yet.
 */
async function holdingOf(
  engine: Engine,
  row: TaskRow,
  { attempt, goesOn }: Pick<Update, 'attempt' | 'goesOn'>,
): Promise<Holding | undefined> {
  const aheadMs = clockLeadOf(engine);
  const run = row.status === 'IN_PROGRESS' ? await engine.store.find(attempt.runId) : null;
  if (run === null || aheadMs === undefined || row.token === '') return undefined;
  const { name, worker, token } = row;
  // Its input has been read by the worker already; a decision reads none.
  const rest = { input: {}, fencingToken: 0, token, aheadMs };
  const goOn: GoOn = {
    takes: (taskType) => taskType === name,
    worker,
    leaseMs: FIRST_LEASE_MS,
    token: engine.entropy.randomId(),
  };
  return { claimed: { type: 'claimed', row, run, ...rest }, goOn: goesOn ? goOn : null };
}

/** A lost claim is no error: whoever has the attempt now will find its result refused, or not. */
async function extendLease(engine: Engine, { attempt, row }: Update): Promise<'extended'> {
  const leaseMs = remoteLeaseMs(row.responseTimeoutMs);
  const gate = gateOf(row);
  const claim = { ...attempt, token: row.token, leaseMs, isProgress: true };
  await beatClaims(engine, [gate === undefined ? claim : { ...claim, gate }]);
  return 'extended';
}

/** The worker wants to be asked again later; what it has so far is kept, as that of a task that waits. */
async function postpone(
  engine: Engine,
  { attempt, row, result }: Update,
): Promise<'postponed' | 'stale'> {
  const output = result.outputData ?? {};
  if (isOperatorType(row.type)) {
    const { runId, key, attempt: number } = attempt;
    const operation = { type: 'update-task', key, attempt: number, output, reason: '' } as const;
    await operateRun(engine, { runId, operation });
    return 'postponed';
  }
  const { definition, traceId } = await runOf(engine, attempt);
  const delayMs = Math.ceil((result.callbackAfterSeconds ?? 0) * 1_000);
  const { dispatch, token } = row;
  const claim = { ...attempt, dispatch, token, definition, traceId, delayMs, output };
  const reply = await handBackTask(engine, claim);
  if (reply.type !== 'unchanged') await leaveGate(engine, attempt.runId, row, token);
  return reply.type === 'unchanged' ? 'stale' : 'postponed';
}

async function runOf({ store }: Engine, { runId }: TaskAttempt): Promise<RunState> {
  const run = await store.find(runId);
  if (run === null) throw joineryError('JN_RUN_NOT_FOUND', { runId });
  return run;
}
