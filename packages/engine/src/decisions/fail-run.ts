import { type RunId } from '@joinery/core';
import { type Engine } from '../engine.ts';

const REASON_LIMIT = 500;

/** Ends a run for which no decision can be made, and says so where a human looks. Its neighbours are not touched. */
export async function failRun(engine: Engine, runId: RunId, reason: string): Promise<void> {
  const ended = await engine.store.fail({
    runId,
    reason: reason.slice(0, REASON_LIMIT),
    actor: engine.actor('fail-run'),
  });
  if (ended !== 'failed') return;
  engine.logger.error(
    { event: 'run.failed', runId, reason },
    'a run was ended because no decision can be made for it',
  );
}
