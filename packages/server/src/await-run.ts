import {
  type BlockingTask,
  type ConductorTask,
  type ConductorWorkflow,
  conductorWorkflowOf,
} from '@joinery/contract';
import { isTerminalRun, isTerminalTask, parseRunId, type RunId } from '@joinery/core';
import { type Engine } from '@joinery/engine';
import { setTimeout as delay } from 'node:timers/promises';
import { viewRun } from './run-view.ts';

/** Conductor's own rhythm; one HGETALL per look, and no more while the run stands still and has no runs below it. */
const LOOK_EVERY_MS = 100;

/** How long, and for what, a synchronous caller waits. */
export interface AwaitOptions {
  readonly withinMs: number;
  /** The end of any of these ends the wait. */
  readonly untilRefs: readonly string[];
  /** Fires when nobody waits any more. */
  readonly signal: AbortSignal;
}

/** The run at the end of the wait, and the task that it waits for, in it or in a run below, if any. */
export interface AwaitedRun {
  readonly workflow: ConductorWorkflow;
  readonly blocking: BlockingTask | null;
}

/** Runs below runs; the engine itself goes no deeper. */
const DEPTH_LIMIT = 32;

/**
 * Waits until a run has ended, it or a run below it blocks on a WAIT without a moment or a YIELD, or it has ended one of the named tasks; at the latest for
 * `withinMs`. Behaviour of Conductor OSS 3.30, where a WAIT with a duration does not end the wait.
 */
export async function awaitRun(
  engine: Engine,
  runId: RunId,
  { withinMs, untilRefs, signal }: AwaitOptions,
): Promise<AwaitedRun> {
  const endsAt = performance.now() + withinMs;
  let hasChildren = false;
  for (let version = -1; ;) {
    const run = await engine.store.find(runId);
    const isLast = signal.aborted || performance.now() >= endsAt;
    if (run === null || isLast || hasChildren || run.version !== version) {
      version = run?.version ?? -1;
      const awaited = await lookAt(engine, runId);
      hasChildren = awaited.workflow.tasks.some((task) => childOf(task) !== null);
      const isDone =
        isTerminalRun(awaited.workflow.status) ||
        awaited.blocking !== null ||
        awaited.workflow.tasks.some((task) => isEndOf(task, untilRefs));
      if (isDone || isLast) return awaited;
    }
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function lookAt(engine: Engine, runId: RunId): Promise<AwaitedRun> {
  const workflow = conductorWorkflowOf(await viewRun(engine, runId));
  return { workflow, blocking: await findBlocking(engine, workflow, DEPTH_LIMIT) };
}

/** In the order of tasks, descending into the runs that they stand for. */
async function findBlocking(
  engine: Engine,
  workflow: ConductorWorkflow,
  depthLeft: number,
): Promise<BlockingTask | null> {
  for (const task of workflow.tasks) {
    if (isBlocking(task)) return { task, workflow };
    const child = childOf(task);
    if (child === null || depthLeft === 0) continue;
    const view = await viewOrNull(engine, child);
    const found = view === null ? null : await findBlocking(engine, view, depthLeft - 1);
    if (found !== null) return found;
  }
  return null;
}

/** Its start may be on its way still. */
async function viewOrNull(engine: Engine, runId: RunId): Promise<ConductorWorkflow | null> {
  const isThere = (await engine.store.find(runId)) !== null;
  return isThere ? conductorWorkflowOf(await viewRun(engine, runId)) : null;
}

/** The run that an open task stands for. */
function childOf({ taskType, status, outputData }: ConductorTask): RunId | null {
  if (taskType !== 'SUB_WORKFLOW' || isTerminalTask(status)) return null;
  const id = new Map(Object.entries(outputData ?? {})).get('subWorkflowId');
  return typeof id === 'string' ? parseRunId(id) : null;
}

/** What only a signal can end. */
function isBlocking({ taskType, status, inputData }: ConductorTask): boolean {
  if (isTerminalTask(status)) return false;
  if (taskType === 'YIELD') return true;
  const input = new Map(Object.entries(inputData ?? {}));
  return taskType === 'WAIT' && !input.get('duration') && !input.get('until');
}

function isEndOf(task: ConductorTask, refs: readonly string[]): boolean {
  return refs.includes(task.referenceTaskName) && isTerminalTask(task.status);
}
