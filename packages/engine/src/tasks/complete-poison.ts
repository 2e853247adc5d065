import { type RunId, type TaskKey } from '@joinery/core';
import { type Engine } from '../engine.ts';
import { storeResult } from './store-result.ts';

/** Ends an attempt that was delivered too often without a result. `token` is the claim that the store made for it. */
export async function completePoison(
  engine: Engine,
  task: { readonly runId: RunId; readonly key: TaskKey; readonly attempt: number },
  { token, deliveries }: { readonly token: string; readonly deliveries: number },
): Promise<void> {
  const reply = await storeResult(engine, {
    ...task,
    token,
    status: 'FAILED_WITH_TERMINAL_ERROR',
    output: {},
    reason: `WORKER_LOST: delivered ${deliveries} times without a result`,
  });
  if (reply.type !== 'stored') return;
  engine.meters.repaired('poison');
  engine.logger.error(
    {
      event: 'task.poisoned',
      runId: task.runId,
      taskRef: task.key,
      attempt: task.attempt,
      count: deliveries,
    },
    'an attempt ended every worker that took it, and is not delivered again',
  );
}
