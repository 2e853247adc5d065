import {
  type Firing,
  isTerminalRun,
  renderInput,
  type RunId,
  type Schedule,
  type Session,
  sessionVariables,
} from '@joinery/core';
import { type StartedRun } from '../starts/create-run.ts';
import { isRefusal, refusalOf } from '../decisions/deterministic-error.ts';
import { type Engine } from '../engine.ts';
import { startRun } from '../starts/start-run.ts';

/** What the start of a session came to. */
export type SessionStart =
  | ({ readonly type: 'started' } & StartedRun)
  | { readonly type: 'failed'; readonly reason: string };

/**
 * Starts the run of a session, or finds it: schedule and session are its key, so that a cluster has one run of it, also
 * when a scheduler dies in between, and when a backfill comes later. What would be refused again is an answer, not an error.
 */
export async function startSession(
  engine: Engine,
  schedule: Schedule,
  {
    firing,
    session,
    at,
  }: { readonly firing: Firing; readonly session: Session; readonly at: number },
): Promise<SessionStart> {
  const { start, name } = schedule;
  try {
    const started = await startRun(engine, {
      ...start,
      input: {
        ...renderInput(start.input, session),
        _session: sessionVariables(session),
        // What Conductor's scheduler adds.
        _startedByScheduler: name,
        _scheduledTime: firing.plannedAt,
        _executedTime: at,
      },
      idempotencyKey: `schedule:${name}:${firing.sessionAt}`,
    });
    return { type: 'started', ...started };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { type: 'failed', reason: refusalOf(error) };
  }
}

/** Those of some runs that have not ended. */
export async function runsUnderWay(
  engine: Engine,
  runs: readonly RunId[],
): Promise<readonly RunId[]> {
  const found = await Promise.all(runs.map((runId) => engine.store.find(runId)));
  return runs.filter((_runId, index) => {
    const status = found[index]?.status;
    return status !== undefined && !isTerminalRun(status);
  });
}
