import { taskIdOf, taskKeyOf } from '@joinery/core';
import { defineTask, type Task, type TaskContext } from '@joinery/worker';
import { setTimeout as delay } from 'node:timers/promises';
import { type Ledger, type LedgerKey } from '../ledger.ts';
import { STEP_TASK, stepInputSchema, stepValue } from '../workloads/workload.ts';

/** How the steps of workloads are run. */
export interface StepTaskOptions {
  /** Every execution is written there. */
  readonly ledger?: Ledger;
  /** How long a step takes, ms; asked for each execution. Default: no time at all. */
  readonly durationMs?: () => number;
  /** Called when an execution has begun. Harnesses hold or end a process here. */
  readonly onBegin?: (key: LedgerKey) => void | Promise<void>;
  readonly concurrency?: number;
  /** Default: the type of the steps of every workload. */
  readonly type?: string;
}

/** The handler behind every step: computes its value from what it was given, and writes down that it did. */
export function stepTask(options: StepTaskOptions = {}): Task {
  const { ledger, durationMs = () => 0, onBegin, concurrency = 50, type = STEP_TASK } = options;
  return defineTask({
    type,
    input: stepInputSchema,
    concurrency,
    run: async (input, ctx) => {
      const key = ledgerKeyOf(ctx);
      ledger?.begin(key);
      await onBegin?.(key);
      const waitMs = durationMs();
      if (waitMs > 0) await delay(waitMs);
      const output = { ref: input.ref, value: stepValue(input) };
      ledger?.end(key);
      return output;
    },
  });
}

/** How an execution is written down. A handler is not told its claim's token; the fencing token is as unique within a run. */
export function ledgerKeyOf({ runId, taskRef, attempt, fencingToken }: TaskContext): LedgerKey {
  return {
    taskId: taskIdOf(runId, taskKeyOf(taskRef)),
    attempt,
    token: String(fencingToken),
  };
}
