import type { RetryLogic, TaskDef } from '../definition/task-def.ts';
import type { WorkflowTask } from '../definition/workflow-task.ts';
import { randomFrom } from './random.ts';

/** How a task is retried: its definition's settings with the workflow task's own count. */
export interface RetryPolicy {
  /** Attempts after the first. */
  readonly retryCount: number;
  readonly logic: RetryLogic;
  readonly delayMs: number;
  /** LINEAR_BACKOFF only. */
  readonly scaleFactor: number;
  /** 0 = no cap. */
  readonly maxDelayMs: number;
  readonly jitterMs: number;
}

/** Upper bound of any delay: numbers beyond it would not survive as moments. */
const LONGEST_DELAY_MS = 366 * 24 * 3_600_000;

/** The policy in force for a task of a definition. */
export function retryPolicyOf(task: Pick<WorkflowTask, 'retryCount'>, def: TaskDef): RetryPolicy {
  return {
    retryCount: task.retryCount ?? def.retryCount,
    logic: def.retryLogic,
    delayMs: def.retryDelaySeconds * 1000,
    scaleFactor: def.backoffScaleFactor,
    maxDelayMs: def.maxRetryDelaySeconds * 1000,
    jitterMs: def.backoffJitterMs,
  };
}

/** What a delay follows from, besides the policy. */
export interface FailedAttempt {
  /** From 1. */
  readonly attempt: number;
  /** For the jitter. */
  readonly seed: number;
  /** The wait for which the failed attempt has asked, ms; null = it has asked for none. */
  readonly wishMs?: number | null;
}

/**
 * Delay in ms before the attempt that follows a failed one. Conductor 3.30's formulas: fixed d; linear
 * d × scale × n; exponential d × 2^(n-1); then the cap; then up to `jitterMs` on top, from the seed. A wish takes the
 * place of the formula, be it shorter or longer, as `nextRetryDelay` does in Temporal: who has failed knows more than
 * the definition. Cap and jitter hold for it too.
 */
export function retryDelayMs(
  policy: RetryPolicy,
  { attempt, seed, wishMs = null }: FailedAttempt,
): number {
  const wanted = wishMs ?? policy.delayMs * growth(policy, attempt);
  const cap = policy.maxDelayMs > 0 ? policy.maxDelayMs : LONGEST_DELAY_MS;
  const jitter = policy.jitterMs > 0 ? Math.floor(randomFrom(seed) * (policy.jitterMs + 1)) : 0;
  return Math.min(wanted, cap, LONGEST_DELAY_MS) + jitter;
}

function growth({ logic, scaleFactor }: RetryPolicy, failedAttempt: number): number {
  switch (logic) {
    case 'FIXED':
      return 1;
    case 'LINEAR_BACKOFF':
      return scaleFactor * failedAttempt;
    case 'EXPONENTIAL_BACKOFF':
      return 2 ** Math.min(failedAttempt - 1, 52);
  }
}
