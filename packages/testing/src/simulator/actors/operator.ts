import {
  isEndedFromOutside,
  isJoineryError,
  isTerminalRun,
  type Operation,
  type RunId,
  type TaskRow,
} from '@joinery/core';
import { explainRun, operateRun, repairRun } from '@joinery/engine';
import { isReopening, type PlannedOperation } from '../scenario.ts';
import { type SimProcess } from '../sim-process.ts';

/** Nobody beats in a simulation. */
const NO_FLEET = { live: () => Promise.resolve([]) };

/** How long a run stays paused. */
const PAUSE_MS = 300;

/** Does what the scenario plans, and resumes in the end whatever is paused. */
export async function operate(process: SimProcess): Promise<void> {
  const { scenario, watch, carriedOut } = process.world;
  // Who dies in the middle of an operation asks for the same one again, under the same id.
  for (; carriedOut.count < scenario.operations.length; carriedOut.count += 1) {
    const planned = scenario.operations[carriedOut.count];
    if (planned === undefined) continue;
    await process.sleep(planned.afterMs);
    if (isReopening(planned)) await untilEnded(process, planned.runIndex);
    const runId = watch.runIds[planned.runIndex];
    if (runId !== undefined) await process.attempt(() => carryOut(process, runId, planned));
  }
  for (;;) {
    await until(process, () => pausedRuns(process).length > 0);
    await resumePaused(process);
  }
}

async function untilEnded(process: SimProcess, runIndex: number): Promise<void> {
  const { watch, store } = process.world;
  const isEnded = (): boolean => {
    const runId = watch.runIds[runIndex];
    const status = runId === undefined ? undefined : store.peek(runId)?.record.status;
    return status !== undefined && isTerminalRun(status);
  };
  while (!isEnded()) {
    await until(process, () => isEnded() || pausedRuns(process).length > 0);
    await resumePaused(process);
  }
}

/** Somebody looks all the time: what he sees costs no steps. */
async function until(process: SimProcess, isSo: () => boolean): Promise<void> {
  await process.call({ port: 'time', method: 'watch', args: [], isReady: isSo, run: ignore });
}

function ignore(): void {
  // What is waited for is all that it is about.
}

function pausedRuns({ world: { watch, store } }: SimProcess): readonly RunId[] {
  return watch.live.filter((runId) => store.peek(runId)?.record.status === 'PAUSED');
}

async function resumePaused(process: SimProcess): Promise<void> {
  const paused = pausedRuns(process);
  if (paused.length > 0) await process.sleep(PAUSE_MS);
  for (const runId of paused) {
    const requestId = process.engine.entropy.randomId();
    const resume = { type: 'resume', reason: 'simulated' } as const;
    await process.attempt(() => request(process, runId, resume, requestId));
  }
}

async function carryOut(
  process: SimProcess,
  runId: RunId,
  planned: PlannedOperation,
): Promise<void> {
  const { engine, world } = process;
  if (planned.type === 'repair') await repairRun(engine, runId);
  else if (planned.type === 'explain') await explainRun(engine, NO_FLEET, runId);
  else {
    const operation = operationOf(process, runId, planned);
    const requestId = `operation-${world.carriedOut.count}`;
    if (operation !== null) await request(process, runId, operation, requestId);
  }
}

/** Null: there is no task that it could be about. */
function operationOf(
  { world }: SimProcess,
  runId: RunId,
  { type, amount }: PlannedOperation,
): Operation | null {
  const reason = 'simulated';
  const rows = Object.values(world.store.peek(runId)?.tasks ?? {});
  switch (type) {
    case 'pause':
    case 'resume':
    case 'terminate':
    case 'retry':
    case 'restart':
      return { type, reason };
    case 'rerun': {
      const row = rows[amount % rows.length];
      return row === undefined ? null : { type, key: row.key, reason };
    }
    case 'skip': {
      const { taskTypes } = world.scenario.definition;
      const task = taskTypes[amount % taskTypes.length];
      return task === undefined ? null : { type, task, output: { isSkipped: true }, reason };
    }
    case 'set-variables':
      return { type, variables: { told: amount }, reason };
    case 'update-task': {
      const row = rows.find(canBeTold);
      if (row === undefined) return null;
      return { type, key: row.key, attempt: row.attempt, output: { told: amount }, reason };
    }
    case 'repair':
    case 'explain':
      return null;
  }
}

function canBeTold({ type, status }: TaskRow): boolean {
  return status === 'IN_PROGRESS' && isEndedFromOutside(type);
}

/** What may be answered to somebody who does not know how far the run has come. */
const REFUSALS: ReadonlySet<string> = new Set([
  'JN_RUN_ENDED',
  'JN_RUN_NOT_ENDED',
  'JN_RUN_NOT_PAUSED',
  'JN_RUN_NOT_FOUND',
  'JN_RUN_NOTHING_TO_RETRY',
  'JN_TASK_NOT_FOUND',
  'JN_TASK_NOT_OPEN',
  'JN_TASK_NOT_SKIPPABLE',
]);

async function request(
  process: SimProcess,
  runId: RunId,
  operation: Operation,
  requestId: string,
): Promise<void> {
  // Whoever has got no answer asks again, and whoever has got one may, too.
  const times = 1 + process.dice.below(2);
  try {
    for (let time = 0; time < times; time += 1) {
      await operateRun(process.engine, { runId, operation, requestId });
    }
  } catch (error) {
    if (!isJoineryError(error) || !REFUSALS.has(error.code)) throw error;
  }
}
