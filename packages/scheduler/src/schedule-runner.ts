import {
  type CircuitOperations,
  type DeadLetterParts,
  fireSchedules,
  forgetCircuits,
  replayDue,
  type Scheduling,
} from '@joinery/engine';
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

/** Breakers are forgotten after a day; a minute more is nothing. */
const FORGET_EVERY_MS = 60_000;

/** Creates the service that forgets circuit breakers that nobody uses any more. */
export function createCircuitKeeper(
  parts: CircuitOperations,
  options: DueRunnerOptions = {},
): Service {
  const { logger } = parts.engine;
  const work = (): Promise<number> => forgetCircuits(parts);
  const pace = { intervalMs: FORGET_EVERY_MS, ...options };
  return createDueRunner({ ...pace, name: 'circuits', logger, work });
}
