import { isTerminalRun, type NotifyParentLetter, type RunId } from '@joinery/core';
import { childOutcome } from './child-outcome.ts';
import { isDeterministic, reasonOf } from '../decisions/deterministic-error.ts';
import { type Engine } from '../engine.ts';
import { storeResult } from '../tasks/store-result.ts';

/** Completes the parent's attempt with what the child has come to. The first result wins; a late one changes nothing. */
export async function notifyParent(
  engine: Engine,
  childId: RunId,
  { to: runId, key, attempt }: NotifyParentLetter,
): Promise<void> {
  const child = await engine.store.find(childId);
  // A run that was opened again tells of its next end.
  if (child === null || !isTerminalRun(child.status)) return;
  const result = { runId, key, attempt, token: childId } as const;
  try {
    await storeResult(engine, { ...result, ...(await childOutcome(engine, child)) });
  } catch (error) {
    if (!isDeterministic(error)) throw error;
    const reason = reasonOf('output of the child', error);
    await storeResult(engine, { ...result, status: 'FAILED', reason, output: {} });
  }
}
