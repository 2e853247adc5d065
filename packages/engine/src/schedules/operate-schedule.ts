import {
  changeSchedule,
  joineryError,
  parseSchedule,
  previewFirings,
  type Firing,
  type ScheduleChange,
  scheduleDueAt,
  type ScheduleState,
} from '@joinery/core';
import { changeEntry, type Scheduling, eventOf, scheduleOf } from './agenda-ports.ts';
import { type ScheduleEvent } from './schedule-event.ts';

/** The kind of schedules in the agenda. */
const KIND = 'schedule';

/** The agenda's id of a schedule. */
export function scheduleIdOf(name: string): string {
  return `${KIND}/${name}`;
}

/**
 * Creates or replaces a schedule; in force on every node with the next look, within a second. Idempotent. `json` is read
 * by `parseSchedule`; without `isPaused` a pause stays as it is. Throws JN_SCHEDULE_INVALID.
 */
export async function putSchedule(
  parts: Scheduling,
  json: unknown,
  { isPaused }: { readonly isPaused?: boolean } = {},
): Promise<ScheduleState> {
  const schedule = parseSchedule(json);
  const pause = isPaused === undefined ? {} : { isPaused };
  return change(parts, schedule.name, { type: 'put', schedule, ...pause });
}

/** No firing starts a run until it is resumed. Idempotent. Throws JN_SCHEDULE_NOT_FOUND. */
export async function pauseSchedule(
  parts: Scheduling,
  name: string,
  reason = '',
): Promise<ScheduleState> {
  return change(parts, name, { type: 'pause', reason });
}

/** Ends a pause; its firings count as missed. Idempotent. Throws JN_SCHEDULE_NOT_FOUND. */
export async function resumeSchedule(parts: Scheduling, name: string): Promise<ScheduleState> {
  return change(parts, name, { type: 'resume' });
}

/** Removes a schedule with its log; its runs stay. Throws JN_SCHEDULE_NOT_FOUND. */
export async function removeSchedule({ engine, agenda }: Scheduling, name: string): Promise<void> {
  const id = scheduleIdOf(name);
  let isThere = false;
  for (;;) {
    const found = await agenda.find(id);
    if (found === null && isThere) return;
    if (found === null) throw joineryError('JN_SCHEDULE_NOT_FOUND', { name });
    isThere = true;
    const revision = engine.entropy.randomId();
    if (await agenda.commit({ id, from: found.revision, revision, body: null, dueAt: null }))
      return;
  }
}

/** A schedule as it is stored. Throws JN_SCHEDULE_NOT_FOUND. */
export async function getSchedule({ agenda }: Scheduling, name: string): Promise<ScheduleState> {
  const found = await agenda.find(scheduleIdOf(name));
  if (found === null) throw joineryError('JN_SCHEDULE_NOT_FOUND', { name });
  return scheduleOf(found.body);
}

/** Every schedule, by name. */
export async function listSchedules({ agenda }: Scheduling): Promise<readonly ScheduleState[]> {
  return (await agenda.list(KIND)).map(({ body }) => scheduleOf(body));
}

/** What its last firings came to, the newest first; at most 200 are kept. */
export async function scheduleEvents(
  parts: Scheduling,
  name: string,
  limit: number,
): Promise<readonly ScheduleEvent[]> {
  await getSchedule(parts, name);
  const lines = await parts.agenda.log(scheduleIdOf(name), limit);
  return lines.map(eventOf);
}

/** The next firings of a schedule, or of one that is not stored yet, without their jitter. */
export async function nextFirings(
  { agenda }: Pick<Scheduling, 'agenda'>,
  json: unknown,
  limit: number,
): Promise<readonly Firing[]> {
  return previewFirings(parseSchedule(json), await agenda.now(), limit);
}

async function change(
  parts: Scheduling,
  name: string,
  wanted: ScheduleChange,
): Promise<ScheduleState> {
  const state = await changeEntry(
    parts,
    { id: scheduleIdOf(name), read: scheduleOf },
    (found, now) => {
      const changed = changeSchedule(found, wanted, now);
      return changed === null ? null : { state: changed, dueAt: scheduleDueAt(changed) };
    },
  );
  if (state === null) throw joineryError('JN_SCHEDULE_NOT_FOUND', { name });
  return state;
}
