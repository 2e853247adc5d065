import { type BackfillState, joineryError, type Json, type ScheduleState } from '@joinery/core';
import { type Agenda } from '@joinery/store';
import { type Engine } from '../engine.ts';
import { type ScheduleEvent } from './schedule-event.ts';

/** What schedules and backfills stand on. */
export interface Scheduling {
  readonly engine: Engine;
  readonly agenda: Agenda;
}

/** What a schedule is stored as: nobody else writes it. */
export function scheduleOf(body: Json): ScheduleState;
export function scheduleOf(body: unknown): unknown {
  return body;
}

/** What a backfill is stored as. */
export function backfillOf(body: Json): BackfillState;
export function backfillOf(body: unknown): unknown {
  return body;
}

/** A line of their logs. */
export function eventOf(line: Json): ScheduleEvent;
export function eventOf(line: unknown): unknown {
  return line;
}

/** A state as the agenda keeps it. */
export function bodyOf(state: object): Json;
export function bodyOf(state: unknown): unknown {
  return state;
}

/** What a change comes to. */
export interface Changed<State> {
  readonly state: State;
  readonly dueAt: number | null;
  readonly log?: readonly Json[];
}

/** Changes in a row by others that an operator's change gives way to: more means that something is wrong. */
const ROUNDS_LIMIT = 20;

/**
 * Changes an entry under its guard: read, change, commit, and again when somebody else was faster. Null from `change`
 * leaves it as it is. Answers the state that is in force, null when there is none.
 */
export async function changeEntry<State extends object>(
  { engine, agenda }: { readonly engine: Pick<Engine, 'entropy'>; readonly agenda: Agenda },
  { id, read }: { readonly id: string; readonly read: (body: Json) => State },
  change: (state: State | null, now: number) => Changed<State> | null,
): Promise<State | null> {
  for (let round = 0; round < ROUNDS_LIMIT; round += 1) {
    const found = await agenda.find(id);
    const state = found === null ? null : read(found.body);
    const changed = change(state, await agenda.now());
    if (changed === null) return state;
    const isCommitted = await agenda.commit({
      id,
      from: found?.revision ?? null,
      revision: engine.entropy.randomId(),
      body: bodyOf(changed.state),
      dueAt: changed.dueAt,
      ...(changed.log ? { log: changed.log } : {}),
    });
    if (isCommitted) return changed.state;
  }
  throw joineryError('JN_SCHEDULE_BUSY', { name: id, count: ROUNDS_LIMIT });
}
