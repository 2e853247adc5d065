import { type RunStatus } from '@joinery/core';
import { type Engine } from './engine.ts';
import { type OperateRequest, operateOnRun } from './operate-on-run.ts';
import { relayLetters } from './relay-letters.ts';

/**
 * Pauses, resumes or terminates a run. Takes no lock: the commit's guards refuse what was overtaken, and it is decided
 * anew. Throws NotFound, JN_RUN_ENDED, or JN_RUN_NOT_PAUSED for resuming what is not paused. Answers the status that the run has now; a
 * terminated run with open tasks is TERMINATED a little later.
 */
export async function operateRun(
  engine: Engine,
  request: OperateRequest,
): Promise<{ readonly status: RunStatus }> {
  const { status, letters } = await operateOnRun(engine, request);
  await relayLetters(engine, letters);
  return { status };
}
