import {
  type BackfillState,
  decideBackfill,
  type Firing,
  type Schedule,
  sessionOf,
} from '@joinery/core';
import { type AgendaEntry } from '@joinery/store';
import { bodyOf, type Scheduling, backfillOf } from './agenda-ports.ts';
import { type ScheduleEvent } from './schedule-event.ts';
import { runsUnderWay, startSession } from './start-session.ts';

/** How soon a backfill looks whether a run has ended. */
const LOOK_AGAIN_MS = 1_000;
/** How long a name stays taken after the end. */
const KEPT_MS = 30 * 86_400_000;

/** One step of a backfill: the next session is started, or the runs under way are waited for. */
export async function advanceBackfill(
  parts: Scheduling,
  entry: AgendaEntry,
  now: number,
): Promise<void> {
  const { engine, agenda } = parts;
  const stored = backfillOf(entry.body);
  const guard = { id: entry.id, from: entry.revision, revision: engine.entropy.randomId() };
  if (stored.endedAt !== null) {
    await agenda.commit({ ...guard, body: null, dueAt: null });
    return;
  }
  const runs = await runsUnderWay(engine, stored.runs);
  const state = { ...stored, runs };
  const decision = decideBackfill(state, runs.length);
  if (decision.type === 'wait') {
    await agenda.commit({ ...guard, body: bodyOf(state), dueAt: now + LOOK_AGAIN_MS });
  } else if (decision.type === 'end') {
    const ended = { ...state, endedAt: now };
    await agenda.commit({ ...guard, body: bodyOf(ended), dueAt: now + KEPT_MS });
  } else {
    const { next, event } = await startNext(parts, { state, firing: decision.firing, now });
    const log = [bodyOf(event)];
    await agenda.commit({ ...guard, body: bodyOf(next), dueAt: now, log });
  }
}

async function startNext(
  { engine }: Scheduling,
  {
    state,
    firing,
    now,
  }: { readonly state: BackfillState; readonly firing: Firing; readonly now: number },
): Promise<{ readonly next: BackfillState; readonly event: ScheduleEvent }> {
  const { backfill, position, runs, foundCount } = state;
  const session = sessionOf(lastOf(backfill.schedule, state), firing);
  const started = await startSession(engine, backfill.schedule, { firing, session, at: now });
  const isFound = started.type === 'started' && !started.isNew;
  const next = {
    ...state,
    position: position + 1,
    foundCount: foundCount + (isFound ? 1 : 0),
    runs: started.type === 'started' && !isFound ? [...runs, started.runId] : runs,
  };
  return { next, event: { ...firing, at: now, ...started } };
}

function lastOf(
  schedule: Schedule,
  { backfill, position }: BackfillState,
): { readonly schedule: Schedule; readonly lastExecutedSessionAt: number | null } {
  return { schedule, lastExecutedSessionAt: backfill.firings[position - 1]?.sessionAt ?? null };
}
