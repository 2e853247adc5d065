import { type BackfillRange, previewFirings, type ScheduleState } from '@joinery/core';
import {
  backfillSchedule,
  getSchedule,
  listSchedules,
  pauseSchedule,
  previewBackfill,
  putSchedule,
  removeSchedule,
  resumeSchedule,
  scheduleEvents,
} from '@joinery/engine';
import { exitCodes } from '@joinery/kit';
import { readJsonFile } from './json-input.ts';
import { type Session } from './session.ts';
import { renderTable } from './table.ts';
import { type Terminal } from './terminal.ts';

/** `joinery schedule list` */
export async function listAllSchedules(terminal: Terminal, { open }: Session): Promise<number> {
  const rows = (await listSchedules(open)).map((state) => {
    const { name, start } = state.schedule;
    return [name, start.name, nextText(state)];
  });
  for (const line of renderTable(['NAME', 'WORKFLOW', 'NEXT'], rows)) terminal.out(line);
  return exitCodes.ok;
}

/** `joinery schedule show` */
export async function showSchedule(
  terminal: Terminal,
  { open }: Session,
  name: string,
): Promise<number> {
  terminal.out(JSON.stringify(await getSchedule(open, name), null, 2));
  return exitCodes.ok;
}

/** `joinery schedule put` */
export async function putScheduleFile(
  terminal: Terminal,
  { open }: Session,
  file: string,
): Promise<number> {
  const state = await putSchedule(open, await readJsonFile(terminal.cwd, file));
  terminal.out(`${state.schedule.name}: ${nextText(state)}`);
  return exitCodes.ok;
}

/** `joinery schedule next` */
export async function showNext(
  terminal: Terminal,
  { open }: Session,
  { name, limit }: { readonly name: string; readonly limit: number },
): Promise<number> {
  const { schedule } = await getSchedule(open, name);
  for (const { plannedAt } of previewFirings(schedule, await open.agenda.now(), limit)) {
    terminal.out(isoOf(plannedAt));
  }
  return exitCodes.ok;
}

/** `joinery schedule history` */
export async function showHistory(
  terminal: Terminal,
  { open }: Session,
  { name, limit }: { readonly name: string; readonly limit: number },
): Promise<number> {
  const rows = (await scheduleEvents(open, name, limit)).map((event) => [
    isoOf(event.sessionAt),
    event.type,
    event.type === 'started' ? event.runId : event.reason,
  ]);
  for (const line of renderTable(['SESSION', 'OUTCOME', 'RUN OR REASON'], rows)) terminal.out(line);
  return exitCodes.ok;
}

/** `joinery schedule pause` */
export async function pause(
  terminal: Terminal,
  { open }: Session,
  { name, reason }: { readonly name: string; readonly reason: string },
): Promise<number> {
  await pauseSchedule(open, name, reason);
  terminal.out(`${name} is paused`);
  return exitCodes.ok;
}

/** `joinery schedule resume` */
export async function resume(terminal: Terminal, { open }: Session, name: string): Promise<number> {
  terminal.out(`${name}: ${nextText(await resumeSchedule(open, name))}`);
  return exitCodes.ok;
}

async function deleteSchedule(
  terminal: Terminal,
  { open }: Session,
  name: string,
): Promise<number> {
  await removeSchedule(open, name);
  terminal.out(`${name} is gone`);
  return exitCodes.ok;
}
export { deleteSchedule as delete };

/** `joinery schedule backfill` */
export async function backfill(
  terminal: Terminal,
  { open }: Session,
  request: {
    readonly schedule: string;
    readonly range: BackfillRange;
    readonly isDryRun: boolean;
  },
): Promise<number> {
  const { schedule, range, isDryRun } = request;
  const { firings } = await previewBackfill(open, schedule, range);
  if (isDryRun) {
    for (const { sessionAt } of firings) terminal.out(`would run ${isoOf(sessionAt)}`);
    return exitCodes.ok;
  }
  const { position } = await backfillSchedule(open, schedule, range);
  terminal.out(`${range.name}: ${firings.length} sessions, ${position} done`);
  return exitCodes.ok;
}

function nextText({ paused, next }: ScheduleState): string {
  if (paused !== null) return `paused: ${paused.reason}`;
  return next === null ? 'never again' : isoOf(next.dueAt);
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}
