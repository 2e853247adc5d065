import { isJoineryError, type RunId } from '@joinery/core';
import { decideRun, type Engine, operateRun } from '@joinery/engine';
import { findRun } from './run-view.ts';

/** What an operator may ask of one run. */
export type RunOperation = 'pause' | 'resume' | 'terminate';

/** An operation with what may be said of it. */
export interface RunWish {
  readonly type: RunOperation;
  readonly reason?: string;
  /** Terminate: start the failure workflow all the same. */
  readonly triggersFailureWorkflow?: boolean;
}

/** Carries an operation out. Terminating what is terminated already changes nothing, as with Conductor. */
export async function operate(
  engine: Engine,
  id: string,
  { type, reason = '', triggersFailureWorkflow = false }: RunWish,
): Promise<void> {
  const { id: runId, status } = await findRun(engine, id);
  if (type === 'terminate' && status === 'TERMINATED') return;
  await carryOut(engine, runId, () =>
    operateRun(engine, { runId, operation: { type, reason, triggersFailureWorkflow } }),
  );
}

/** An operation, and what follows from it: open tasks to be canceled or entered need not wait for a coordinator. */
export async function carryOut(
  engine: Engine,
  runId: RunId,
  operation: () => Promise<unknown>,
): Promise<void> {
  await operation();
  await decideQuietly(engine, runId);
}

/** A hint like a nudge: whatever goes wrong here, a coordinator sees to. */
async function decideQuietly(
  engine: Engine,
  runId: Parameters<typeof decideRun>[1],
): Promise<void> {
  try {
    await decideRun(engine, runId);
  } catch (err) {
    if (!isJoineryError(err)) throw err;
    const fields = { event: 'operation.undecided', runId, err };
    engine.logger.warn(fields, 'an operation was stored; a coordinator carries it on');
  }
}
