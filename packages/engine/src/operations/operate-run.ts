import { type RunStatus } from '@joinery/core';
import { type Engine } from '../engine.ts';
import { type OperateRequest, operateOnRun } from './operate-on-run.ts';
import { relayLetters } from '../letters/relay-letters.ts';

/**
 * Carries out one operation on a run: pause, resume, terminate, skip, set-variables, update-task, retry, restart, rerun.
 * Takes no lock: the commit's guards refuse what was overtaken, and it is decided anew. Idempotent by its request id.
 * Throws NotFound, and Conflict with a code that says why for what is not legal in the run's state. Answers the status
 * that the run has now; a terminated run with open tasks is TERMINATED a little later, and a run that was opened again
 * has its first tasks a little later.
 */
export async function operateRun(
  engine: Engine,
  request: OperateRequest,
): Promise<{ readonly status: RunStatus }> {
  const { status, letters } = await operateOnRun(engine, request);
  await relayLetters(engine, letters);
  return { status };
}
