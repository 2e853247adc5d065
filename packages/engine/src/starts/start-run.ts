import { nudge } from '../letters/nudge.ts';
import { createRun, type StartedRun, type StartRequest } from './create-run.ts';
import { type Engine } from '../engine.ts';
import { relayLetters } from '../letters/relay-letters.ts';

/**
 * Starts a run: its record, first tasks, history and letters are written in one script. Throws NotFound for an unknown
 * definition, InvalidInput for a bad one, Conflict (JN_RUN_EXISTS) by the request's strategy.
 */
export async function startRun(engine: Engine, request: StartRequest): Promise<StartedRun> {
  const since = engine.clock.now();
  const { runId, isNew, letters, hasMore } = await createRun(engine, request);
  await relayLetters(engine, letters, since);
  if (hasMore) await nudge(engine, [runId]);
  return { runId, isNew };
}
