import { isTerminalRun, joineryError, type RunId } from '@joinery/core';
import { type Engine } from '../engine.ts';
import { decideRun } from '../decisions/decide-run.ts';

/** A run that has just ended tells its parent, and stops its children, before it may go. */
const WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 50;

/** Waits a moment; tests let their own time pass. */
type Pause = (ms: number) => Promise<void>;

/**
 * Removes a run that has ended, before its retention is over. Waits up to 10 s for letters of its that are on their way.
 * Its children stay until their own retention is over, its idempotency key is known for 7 d more. Idempotent up to its
 * own success: afterwards there is no such run. Throws JN_RUN_NOT_FOUND, JN_RUN_NOT_ENDED, and JN_RUN_NEEDED while the
 * run that waits for it goes on.
 */
export async function removeRun(
  engine: Engine,
  runId: RunId,
  pause: Pause = pauseFor,
): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += LOOK_EVERY_MS) {
    const removed = await engine.store.remove(runId);
    if (removed === 'removed') return;
    if (removed === 'gone') throw joineryError('JN_RUN_NOT_FOUND', { runId });
    await assertRemovable(engine, runId);
    if (waitedMs >= WITHIN_MS) throw joineryError('JN_RUN_NEEDED', { runId });
    await pause(LOOK_EVERY_MS);
  }
}

/** Terminating is a decision and its pages: a run that is closing is helped along, one that goes on is not waited for. */
async function assertRemovable(engine: Engine, runId: RunId): Promise<void> {
  const run = await engine.store.find(runId);
  if (run === null) return;
  const { status, closing, parent } = run;
  if (isTerminalRun(status)) {
    const above = parent === null ? null : await engine.store.find(parent.runId);
    if (above === null || isTerminalRun(above.status)) return;
    throw joineryError('JN_RUN_NEEDED', { runId });
  }
  if (closing === null) {
    throw joineryError('JN_RUN_NOT_ENDED', { runId, status, operation: 'remove' });
  }
  await decideRun(engine, runId);
}

function pauseFor(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
