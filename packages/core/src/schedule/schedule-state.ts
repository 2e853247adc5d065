import { randomFrom } from '../plan/random.ts';
import { type RunId } from '../run/ids.ts';
import { type Schedule } from './schedule.ts';
import { type Firing, firingAfter } from './trigger.ts';

/** The next firing, and when it is due: the planned moment and its jitter. */
export interface PlannedFiring extends Firing {
  readonly dueAt: number;
}

/** All that is stored of a schedule. Moments in ms since epoch. */
export interface ScheduleState {
  readonly schedule: Schedule;
  readonly paused: { readonly reason: string; readonly at: number } | null;
  /** Null when its window has ended, or nothing matches. */
  readonly next: PlannedFiring | null;
  readonly lastExecutedSessionAt: number | null;
  /** Runs that may be under way; kept only where a limit asks for them. */
  readonly runs: readonly RunId[];
  readonly createdAt: number;
  readonly changedAt: number;
}

/** What a change of a schedule is about. */
export type ScheduleChange =
  /** `isPaused` absent: paused if it was. */
  | { readonly type: 'put'; readonly schedule: Schedule; readonly isPaused?: boolean }
  | { readonly type: 'pause'; readonly reason: string }
  | { readonly type: 'resume' };

/**
 * A schedule after a change at `now`. A new calendar begins at `now`; a change of anything else keeps the next firing.
 * The time of a pause counts as missed: what becomes of its firings is the schedule's `missed` policy.
 */
export function changeSchedule(
  state: ScheduleState | null,
  change: ScheduleChange,
  now: number,
): ScheduleState | null {
  if (change.type === 'put') {
    const put = putSchedule(state, change.schedule, now);
    if (change.isPaused === undefined) return put;
    return withPause(put, change.isPaused ? { reason: '', at: now } : null);
  }
  if (state === null) return null;
  const pause = change.type === 'pause' ? { reason: change.reason, at: now } : null;
  return withPause({ ...state, changedAt: now }, pause);
}

/** Who pauses again pauses nothing: the first reason stays. */
function withPause(state: ScheduleState, pause: ScheduleState['paused']): ScheduleState {
  return { ...state, paused: pause === null ? null : (state.paused ?? pause) };
}

/** When a schedule must be looked at; null: it waits for nobody but its owner. */
export function scheduleDueAt({ paused, next }: ScheduleState): number | null {
  return paused === null && next !== null ? next.dueAt : null;
}

/** The firing that comes after a moment, within the schedule's window. */
export function planFiring(schedule: Schedule, after: number): PlannedFiring | null {
  const { triggers, windowFrom, windowTo, jitterMs, name } = schedule;
  const from = windowFrom === null ? after : Math.max(after, windowFrom - 1);
  const firing = firingAfter(triggers, from);
  if (firing === null || (windowTo !== null && firing.plannedAt > windowTo)) return null;
  const delayMs = jitterMs === 0 ? 0 : Math.floor(jitterOf(name, firing.sessionAt) * jitterMs);
  return { ...firing, dueAt: firing.plannedAt + delayMs };
}

/** The next moments at which a schedule would fire, without their jitter. */
export function previewFirings(
  schedule: Schedule,
  after: number,
  limit: number,
): readonly Firing[] {
  const firings: Firing[] = [];
  let at = after;
  while (firings.length < limit) {
    const planned = planFiring(schedule, at);
    if (planned === null) break;
    const { sessionAt, plannedAt } = planned;
    firings.push({ sessionAt, plannedAt });
    at = plannedAt;
  }
  return firings;
}

function putSchedule(state: ScheduleState | null, schedule: Schedule, now: number): ScheduleState {
  const isSameCalendar = state !== null && calendarOf(state.schedule) === calendarOf(schedule);
  return {
    schedule,
    paused: state?.paused ?? null,
    next: isSameCalendar ? state.next : planFiring(schedule, now),
    lastExecutedSessionAt: state?.lastExecutedSessionAt ?? null,
    runs: state?.runs ?? [],
    createdAt: state?.createdAt ?? now,
    changedAt: now,
  };
}

/** What the next firing depends on. */
function calendarOf({ triggers, windowFrom, windowTo, jitterMs }: Schedule): string {
  return JSON.stringify([triggers, windowFrom, windowTo, jitterMs]);
}

/** In [0, 1): the same for the same schedule and session, on every node and after every restart. */
function jitterOf(name: string, sessionAt: number): number {
  let seed = 0x811c9dc5;
  for (const char of `${name}\0${sessionAt}`) {
    seed = Math.imul(seed ^ (char.codePointAt(0) ?? 0), 0x01000193);
  }
  return randomFrom(seed >>> 0);
}
