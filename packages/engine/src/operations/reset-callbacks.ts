import { isTerminalRun, joineryError, type RunId, timerOf } from '@joinery/core';
import { type Engine } from '../engine.ts';
import { relayLetters } from '../letters/relay-letters.ts';

/**
 * Tasks that wait until they may be taken, because their worker wants to be asked later or a retry is held back, may be
 * taken now. Answers how many. Idempotent: one that waits no longer is left alone. Behaviour of Conductor 3.30's
 * `resetcallbacks`. Throws JN_RUN_NOT_FOUND and JN_RUN_ENDED.
 */
export async function resetCallbacks(engine: Engine, runId: RunId): Promise<number> {
  const { store } = engine;
  const run = await store.find(runId);
  if (run === null) throw joineryError('JN_RUN_NOT_FOUND', { runId });
  const { status, definition, traceId } = run;
  if (isTerminalRun(status)) {
    throw joineryError('JN_RUN_ENDED', { runId, status, operation: 'resetcallbacks' });
  }
  const read = await store.readWhole(runId);
  const timers = read?.whole?.timers ?? new Set();
  let count = 0;
  for (const row of read?.rows.values() ?? []) {
    if (row === null || row.status !== 'SCHEDULED' || !timers.has(timerOf('delay', row.key)))
      continue;
    const { key, attempt, dispatch } = row;
    const reply = await store.redeliver({
      runId,
      key,
      attempt,
      dispatch,
      token: '',
      repair: null,
      delayMs: 0,
      actor: engine.actor('reset-callbacks'),
    });
    if (reply.type !== 'redelivered') continue;
    count += 1;
    await relayLetters(engine, [{ runId, definition, traceId, letter: reply.letter }]);
  }
  return count;
}
