import { type RunId, type TaskRow } from '@joinery/core';
import { callWaiting } from './call-waiting.ts';
import { type Engine } from '../engine.ts';
import { gateMemberOf } from './gate-member.ts';

/**
 * Gives back the place of an attempt that is over, handed back or given up, and calls the next one; one that was a probe
 * of a circuit breaker and came to no result lets another try. Never rejects: a
 * place that is not given back is free when its lease ends. Without limits it does nothing.
 */
export async function leaveGate(
  engine: Engine,
  runId: RunId,
  row: Pick<TaskRow, 'key' | 'attempt' | 'limits'>,
  token: string,
): Promise<void> {
  await engine.breakers.giveBack(token);
  const member = gateMemberOf(runId, row, token);
  if (member === null) return;
  try {
    await callWaiting(engine, await engine.gates.leave(member));
  } catch (err) {
    engine.logger.warn(
      { event: 'gate.not-left', runId, taskRef: row.key, err },
      'a place was not given back; it is free when its lease ends',
    );
  }
}
