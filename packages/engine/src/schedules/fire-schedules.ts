/*
 * Ownership: an entry belongs to nobody between its commits; a taker only has it for itself for 5 s.
 * Interface: fireSchedules, called again and again by any number of processes.
 * Invariants:
 *  F1 a firing starts at most one run: schedule and session are the key of the start.
 *  F2 a firing is done with when its successor is committed; a process that dies before leaves it due.
 *  F3 what was changed, paused or removed after it was taken is not overwritten: the commit's guard sees to it.
 *  F4 an entry that fails does not keep the others from their turn.
 */
import {
  afterFiring,
  decideFiring,
  scheduleDueAt,
  type FiringDecision,
  type RunId,
  type ScheduleState,
} from '@joinery/core';
import { type AgendaEntry } from '@joinery/store';
import { bodyOf, type Scheduling, scheduleOf } from './agenda-ports.ts';
import { advanceBackfill } from './advance-backfill.ts';
import { type ScheduleEvent } from './schedule-event.ts';
import { runsUnderWay, startSession } from './start-session.ts';

/** Entries per pass; more wait for the next one. */
const TAKE_LIMIT = 50;
/** How soon a firing asks again for a place among the concurrent runs. */
const ASK_AGAIN_MS = 1_000;

/** Carries out what is due of schedules and backfills; answers how many entries were looked at. */
export async function fireSchedules(parts: Scheduling, signal?: AbortSignal): Promise<number> {
  const { now, entries } = await parts.agenda.takeDue(TAKE_LIMIT);
  const failures: unknown[] = [];
  for (const entry of entries) {
    if (signal?.aborted) break;
    const work = entry.id.startsWith('backfill/') ? advanceBackfill : advanceSchedule;
    await work(parts, entry, now).catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) {
    throw new AggregateError(failures, `${failures.length} schedules could not be looked at`);
  }
  return entries.length;
}

/** One step of a schedule: a firing is started or left out, or waits. */
async function advanceSchedule(parts: Scheduling, entry: AgendaEntry, now: number): Promise<void> {
  const { engine } = parts;
  const stored = scheduleOf(entry.body);
  const runs = await runsUnderWay(engine, stored.runs);
  const state = { ...stored, runs };
  const decision = decideFiring(state, { now, runCount: runs.length });
  const { next, event, dueAt } = await carryOut(parts, { state, decision, now });
  const isCommitted = await parts.agenda.commit({
    id: entry.id,
    from: entry.revision,
    revision: engine.entropy.randomId(),
    body: bodyOf(next),
    dueAt,
    log: event === null ? [] : [bodyOf(event)],
  });
  if (isCommitted && event !== null) note(parts, stored.schedule.name, event);
}

interface Outcome {
  readonly next: ScheduleState;
  readonly event: ScheduleEvent | null;
  readonly dueAt: number | null;
}

async function carryOut(
  { engine }: Scheduling,
  {
    state,
    decision,
    now,
  }: {
    readonly state: ScheduleState & { readonly runs: readonly RunId[] };
    readonly decision: FiringDecision;
    readonly now: number;
  },
): Promise<Outcome> {
  if (decision.type === 'nothing') return { next: state, event: null, dueAt: scheduleDueAt(state) };
  if (decision.type === 'wait') return { next: state, event: null, dueAt: now + ASK_AGAIN_MS };
  const { firing } = decision;
  const { sessionAt, plannedAt } = firing;
  const about = { sessionAt, plannedAt, at: now };
  if (decision.type === 'skip') {
    const { state: next, reason } = decision;
    return { next, event: { ...about, type: 'skipped', reason }, dueAt: scheduleDueAt(next) };
  }
  const { session } = decision;
  const started = await startSession(engine, state.schedule, { firing, session, at: now });
  const runId = started.type === 'started' ? started.runId : null;
  const next = afterFiring(state, firing, runId);
  return { next, event: { ...about, ...started }, dueAt: scheduleDueAt(next) };
}

function note({ engine }: Scheduling, schedule: string, event: ScheduleEvent): void {
  engine.meters.fired(event.type);
  if (event.type !== 'failed') return;
  const { reason, sessionAt } = event;
  const fields = { event: 'schedule.start-failed', schedule, sessionAt, reason };
  engine.logger.error(fields, 'a firing of a schedule could not start its run');
}
