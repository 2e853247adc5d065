import {
  type Backfill,
  type BackfillRange,
  type BackfillState,
  joineryError,
  planBackfill,
} from '@joinery/core';
import { changeEntry, type Scheduling, backfillOf, eventOf } from './agenda-ports.ts';
import { getSchedule } from './operate-schedule.ts';
import { type ScheduleEvent } from './schedule-event.ts';

/** The sessions that a backfill would run. Changes nothing. Throws JN_SCHEDULE_NOT_FOUND, JN_BACKFILL_INVALID. */
export async function previewBackfill(
  parts: Scheduling,
  scheduleName: string,
  range: BackfillRange,
): Promise<Backfill> {
  const { schedule } = await getSchedule(parts, scheduleName);
  return planBackfill(schedule, range, await parts.agenda.now());
}

/**
 * Runs the sessions of a range that have no run yet. The same name and range answer the backfill that is there;
 * JN_BACKFILL_EXISTS for the same name with another one.
 */
export async function backfillSchedule(
  parts: Scheduling,
  scheduleName: string,
  range: BackfillRange,
): Promise<BackfillState> {
  const backfill = await previewBackfill(parts, scheduleName, range);
  const state = await changeEntry(
    parts,
    { id: idOf(range.name), read: backfillOf },
    (found, now) => {
      if (found !== null) {
        assertSame(found.backfill, backfill);
        return null;
      }
      const fresh = { position: 0, runs: [], foundCount: 0, createdAt: now, endedAt: null };
      return { state: { backfill, ...fresh }, dueAt: now };
    },
  );
  if (state === null) throw joineryError('JN_BACKFILL_NOT_FOUND', { name: range.name });
  return state;
}

/** How far a backfill has come, and what its sessions came to, the newest first. Throws JN_BACKFILL_NOT_FOUND. */
export async function getBackfill(
  { agenda }: Scheduling,
  name: string,
): Promise<{ readonly state: BackfillState; readonly events: readonly ScheduleEvent[] }> {
  const found = await agenda.find(idOf(name));
  if (found === null) throw joineryError('JN_BACKFILL_NOT_FOUND', { name });
  const lines = await agenda.log(idOf(name), EVENTS_LIMIT);
  const events = lines.map(eventOf);
  return { state: backfillOf(found.body), events };
}

const EVENTS_LIMIT = 200;

function idOf(name: string): string {
  return `backfill/${name}`;
}

function assertSame(found: Backfill, wanted: Backfill): void {
  if (sessions(found) === sessions(wanted)) return;
  const { name } = wanted;
  throw joineryError('JN_BACKFILL_EXISTS', { name, schedule: found.schedule.name });
}

function sessions({ firings, schedule }: Backfill): string {
  return JSON.stringify([schedule.name, firings]);
}
