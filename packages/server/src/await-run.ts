import { type ConductorTask, type ConductorWorkflow, conductorWorkflowOf } from '@joinery/contract';
import { isTerminalRun, isTerminalTask, type RunId } from '@joinery/core';
import { type Engine } from '@joinery/engine';
import { setTimeout as delay } from 'node:timers/promises';
import { viewRun } from './run-view.ts';

/** Conductor's own rhythm; one HGETALL per look, and no more while the run stands still. */
const LOOK_EVERY_MS = 100;

/** How long, and for what, a synchronous caller waits. */
export interface AwaitOptions {
  readonly withinMs: number;
  /** The end of any of these ends the wait. */
  readonly untilRefs: readonly string[];
  /** Fires when nobody waits any more. */
  readonly signal: AbortSignal;
}

/** The run at the end of the wait, and the task that it waits for, if any. */
export interface AwaitedRun {
  readonly workflow: ConductorWorkflow;
  readonly blocking: ConductorTask | null;
}

/**
 * Waits until a run has ended, blocks on a WAIT without a moment, or has ended one of the named tasks; at the latest for
 * `withinMs`. Behaviour of Conductor OSS 3.30, where a WAIT with a duration does not end the wait.
 */
export async function awaitRun(
  engine: Engine,
  runId: RunId,
  { withinMs, untilRefs, signal }: AwaitOptions,
): Promise<AwaitedRun> {
  const endsAt = performance.now() + withinMs;
  for (let version = -1; ;) {
    const run = await engine.store.find(runId);
    const isLast = signal.aborted || performance.now() >= endsAt;
    if (run === null || isLast || run.version !== version) {
      version = run?.version ?? -1;
      const awaited = await lookAt(engine, runId);
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
  const blocking = workflow.tasks.find(isBlocking) ?? null;
  return { workflow, blocking };
}

/** A WAIT that only a signal can end. */
function isBlocking({ taskType, status, inputData }: ConductorTask): boolean {
  if (taskType !== 'WAIT' || isTerminalTask(status)) return false;
  const input = new Map(Object.entries(inputData ?? {}));
  return !input.get('duration') && !input.get('until');
}

function isEndOf(task: ConductorTask, refs: readonly string[]): boolean {
  return refs.includes(task.referenceTaskName) && isTerminalTask(task.status);
}
