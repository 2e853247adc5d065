import { isJoineryError, type RunId } from '@joinery/core';
import { explainRun, operateRun, repairRun } from '@joinery/engine';
import { type PlannedOperation } from '../scenario.ts';
import { type SimProcess } from '../sim-process.ts';

/** Nobody beats in a simulation. */
const NO_FLEET = { live: () => Promise.resolve([]) };

/** How long a run stays paused, and how often it is looked for paused ones. */
const PAUSE_MS = 300;

/** Does what the scenario plans, and resumes in the end whatever is paused. */
export async function operate(process: SimProcess): Promise<void> {
  const { scenario, watch } = process.world;
  for (const planned of scenario.operations) {
    await process.sleep(planned.afterMs);
    const runId = watch.runIds[planned.runIndex];
    if (runId !== undefined) await process.attempt(() => carryOut(process, runId, planned.type));
  }
  for (;;) {
    await process.sleep(PAUSE_MS);
    for (const runId of watch.live) {
      const isPaused = process.world.store.peek(runId)?.record.status === 'PAUSED';
      if (isPaused) await process.attempt(() => request(process, runId, 'resume'));
    }
  }
}

async function carryOut(
  process: SimProcess,
  runId: RunId,
  type: PlannedOperation['type'],
): Promise<void> {
  const { engine } = process;
  if (type === 'repair') await repairRun(engine, runId);
  else if (type === 'explain') await explainRun(engine, NO_FLEET, runId);
  else await request(process, runId, type);
}

/** What may be answered to somebody who does not know how far the run has come. */
const REFUSALS: ReadonlySet<string> = new Set([
  'JN_RUN_ENDED',
  'JN_RUN_NOT_PAUSED',
  'JN_RUN_NOT_FOUND',
]);

async function request(
  process: SimProcess,
  runId: RunId,
  type: 'pause' | 'resume' | 'terminate',
): Promise<void> {
  const requestId = process.engine.entropy.randomId();
  const operation = { type, reason: 'simulated' } as const;
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
