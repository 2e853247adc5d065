import type { Counter, Metrics } from '@joinery/kit';

/** What a worker counts, by task type. */
export interface WorkerMetrics {
  /** What claims were answered: `claimed`, `held`, `stale`, … */
  readonly claims: Counter<'task_type' | 'reply'>;
  /** Results that were stored, by status. */
  readonly results: Counter<'task_type' | 'status'>;
  /** Results that were refused as late: another delivery, or the run's end, came first. */
  readonly staleResults: Counter<'task_type'>;
  /** Handlers that were interrupted, by cause. */
  readonly interrupts: Counter<'task_type' | 'cause'>;
}

/** Creates a worker's counters, or finds them when another worker of the process has. */
export function createWorkerMetrics(metrics: Metrics): WorkerMetrics {
  return {
    claims: metrics.counter({
      name: 'worker_claims_total',
      help: 'Claims by what they were answered',
      labels: ['task_type', 'reply'],
    }),
    results: metrics.counter({
      name: 'worker_results_total',
      help: 'Task results stored, by status',
      labels: ['task_type', 'status'],
    }),
    staleResults: metrics.counter({
      name: 'worker_stale_results_total',
      help: 'Task results refused because another delivery or the end of the run came first',
      labels: ['task_type'],
    }),
    interrupts: metrics.counter({
      name: 'worker_interrupts_total',
      help: 'Handlers interrupted, by cause',
      labels: ['task_type', 'cause'],
    }),
  };
}
