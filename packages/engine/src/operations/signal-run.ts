import {
  isTerminalRun,
  isTerminalTask,
  isWaiting,
  joineryError,
  type JsonObject,
  parseRunId,
  type ResultStatus,
  type RunId,
  type TaskRow,
} from '@joinery/core';
import { type Engine } from '../engine.ts';
import { operateRun } from './operate-run.ts';
import { storeResult } from '../tasks/store-result.ts';

/** What somebody outside says to a run. */
export interface SignalRequest {
  readonly runId: RunId;
  /** Reference or key of the task that it is for. Default: the first that waits, here or in a run below. */
  readonly task?: string;
  /** `IN_PROGRESS`: the task goes on waiting, with this output. */
  readonly status: ResultStatus | 'IN_PROGRESS';
  readonly output: JsonObject;
  readonly reason?: string;
  /** Who says it, for the history. Default: this process. */
  readonly actor?: string;
}

/** The task that a signal has reached. */
export interface Signaled {
  readonly runId: RunId;
  readonly row: TaskRow;
}

/** A task that ends between our look and our write is looked for again; more often, something else is wrong. */
const TRIES = 5;

/**
 * Ends, or updates, a task that waits for somebody outside: WAIT, HUMAN or YIELD. Answers which; null when none waits.
 * The first one wins: a second signal is for the next task. Throws JN_RUN_NOT_FOUND.
 */
export async function signalRun(engine: Engine, request: SignalRequest): Promise<Signaled | null> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const target = await findWaiting(engine, request.runId, request.task);
    if (target === null) return null;
    if (await signalTask(engine, target, request)) return target;
  }
  return null;
}

/** The open task of a reference, or the first that waits, descending into the runs that tasks stand for. */
async function findWaiting(
  engine: Engine,
  runId: RunId,
  task: string | undefined,
): Promise<Signaled | null> {
  const run = await engine.store.find(runId);
  if (run === null) throw joineryError('JN_RUN_NOT_FOUND', { runId });
  if (isTerminalRun(run.status)) return null;
  const rows = await engine.store.rows(runId);
  for (const row of rows.filter((each) => !isTerminalTask(each.status))) {
    const isMeant = task === undefined || row.key === task || row.ref === task;
    if (isMeant && isWaiting(row)) return { runId, row };
    const child = row.type === 'SUB_WORKFLOW' ? parseRunId(row.token) : null;
    const isThere = child !== null && (await engine.store.find(child)) !== null;
    const inner = isThere ? await findWaiting(engine, child, task) : null;
    if (inner !== null) return inner;
  }
  return null;
}

async function signalTask(
  engine: Engine,
  { runId, row }: Signaled,
  { status, output, reason = '', actor }: SignalRequest,
): Promise<boolean> {
  const { key, attempt, token } = row;
  const by = actor === undefined ? {} : { actor };
  if (status === 'IN_PROGRESS') {
    const operation = { type: 'update-task', key, attempt, output, reason } as const;
    await operateRun(engine, { runId, operation, ...by });
    return true;
  }
  const result = { runId, key, attempt, token, status, output, reason };
  const { type } = await storeResult(engine, result, null, actor);
  return type === 'stored' || type === 'decided';
}
