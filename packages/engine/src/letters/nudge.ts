import { type RunId } from '@joinery/core';
import { type Engine } from '../engine.ts';

/** Wakes a coordinator. A hint: when it cannot be given, the sweeper finds the runs. */
export async function nudge(engine: Engine, runIds: readonly RunId[]): Promise<void> {
  if (runIds.length === 0) return;
  await engine.crashPoint?.('before-nudge');
  try {
    await engine.nudges.push(runIds);
  } catch (err) {
    engine.logger.warn(
      { event: 'nudge.lost', count: runIds.length, err },
      'coordinators could not be woken; the sweeper finds the runs',
    );
  }
}
