/*
 * Ownership: a runner owns nothing: what is due is in the agenda.
 * Interface: a Service. Any number of them, killable anywhere.
 * Invariants: those of `fireSchedules`; a pass is bounded, what is left over comes with the next one.
 */
import { fireSchedules, type Scheduling } from '@joinery/engine';
import { createLoop, type Service, type Timers } from '@joinery/kit';

/** How a runner works. */
export interface ScheduleRunnerOptions {
  /** From the end of a pass to the next, ms. Default 200: what a firing is late at most in a healthy system. */
  readonly intervalMs?: number;
  readonly timers?: Timers;
}

/** Missed firings are carried out one after another; so many in a row before others get their turn. */
const ROUNDS_LIMIT = 20;

/** Creates the service that starts the runs of schedules and backfills. */
export function createScheduleRunner(
  parts: Scheduling,
  options: ScheduleRunnerOptions = {},
): Service {
  const { intervalMs = 200, timers } = options;
  const loop = createLoop({
    name: 'schedules',
    intervalMs: () => intervalMs,
    pass: (signal) => firePass(parts, signal),
    logger: parts.engine.logger,
    ...(timers ? { timers } : {}),
  });
  return {
    name: 'schedules',
    async start() {
      loop.start();
    },
    async drain() {
      await loop.stop(5_000);
    },
    async stop() {
      await loop.stop(1_000);
    },
  };
}

async function firePass(parts: Scheduling, signal: AbortSignal): Promise<void> {
  for (let round = 0; round < ROUNDS_LIMIT && !signal.aborted; round += 1) {
    if ((await fireSchedules(parts, signal)) === 0) return;
  }
}
