import { type DeadLetterParts, fireSchedules, replayDue, type Scheduling } from '@joinery/engine';
import { type Service } from '@joinery/kit';
import { createDueRunner, type DueRunnerOptions } from './due-runner.ts';

/** Creates the service that starts the runs of schedules and backfills. */
export function createScheduleRunner(parts: Scheduling, options: DueRunnerOptions = {}): Service {
  const work = (signal: AbortSignal): Promise<number> => fireSchedules(parts, signal);
  return createDueRunner({ ...options, name: 'schedules', logger: parts.engine.logger, work });
}

/** Creates the service that replays dead letters. */
export function createReplayRunner(
  parts: DeadLetterParts,
  options: DueRunnerOptions = {},
): Service {
  const work = (signal: AbortSignal): Promise<number> => replayDue(parts, signal);
  return createDueRunner({ ...options, name: 'replays', logger: parts.engine.logger, work });
}
