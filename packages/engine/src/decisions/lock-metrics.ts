import { type Logger, type Metrics } from '@joinery/kit';
import { type LockObserver, type LockUse } from '@joinery/store';

/** Upper bounds in seconds: a hold beyond 50 ms is slow, one beyond a quarter of the lease of 60 s is an alarm. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60];

/** Counts what becomes of locks, fused or apart, under one set of names. Without metrics only failures are logged. */
export function createLockMetrics(metrics: Metrics | undefined, logger: Logger): LockObserver {
  const labels: readonly 'use'[] = ['use'];
  const waits = metrics?.histogram({
    name: 'lock_wait_seconds',
    help: 'Time until a lock was granted or given up',
    labels,
    buckets: SECONDS,
  });
  const holds = metrics?.histogram({
    name: 'lock_hold_seconds',
    help: 'Time for which a lock was held; for a fused lock from load to commit',
    labels,
    buckets: SECONDS,
  });
  const misses = metrics?.counter({
    name: 'lock_misses_total',
    help: 'Locks that were not granted in time; the decision came later, or without the lock',
    labels,
  });
  const losses = metrics?.counter({
    name: 'lock_lost_total',
    help: 'Leases that ended under their holder; what it committed after was refused or still right',
    labels,
  });
  return {
    waited: (ms: number, use: LockUse) => waits?.observe({ use }, ms / 1000),
    held: (ms: number, use: LockUse) => holds?.observe({ use }, ms / 1000),
    missed: (use: LockUse) => misses?.add({ use }),
    lost: (use: LockUse) => losses?.add({ use }),
    failed: (err: unknown) => {
      logger.debug({ event: 'lock.failed', err }, 'a lock node did not answer');
    },
  };
}
