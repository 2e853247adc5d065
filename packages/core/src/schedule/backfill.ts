import { joineryError } from '../errors/joinery-error.ts';
import { type RunId } from '../run/ids.ts';
import { type Schedule } from './schedule.ts';
import { type Firing, firingAfter } from './trigger.ts';

/** Past sessions of a schedule that are to be run after all. */
export interface Backfill {
  /** Whoever asks again under the same name gets the same backfill. */
  readonly name: string;
  /** As it was when the backfill was asked for. */
  readonly schedule: Schedule;
  readonly firings: readonly Firing[];
  /** Runs under way at once; 1 = one after another, each when the one before has ended, however. */
  readonly parallel: number;
}

/** How far a backfill has come. */
export interface BackfillState {
  readonly backfill: Backfill;
  /** Firings that are done with, from the first on. */
  readonly position: number;
  readonly runs: readonly RunId[];
  /** Sessions that had a run already. */
  readonly foundCount: number;
  readonly createdAt: number;
  readonly endedAt: number | null;
}

/** Which sessions: from and to are included. */
export interface BackfillRange {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  /** Only so many, the earliest. */
  readonly count?: number;
  /** Default 1. */
  readonly parallel?: number;
}

const NAME = /^[\w.-]{1,200}$/;
/** Each is remembered in the backfill; a longer range is several backfills. */
export const BACKFILL_LIMIT = 1_000;
const PARALLEL_LIMIT = 100;

/** The sessions of a range, the earliest first; none later than `now`. Throws JN_BACKFILL_INVALID. */
export function planBackfill(schedule: Schedule, range: BackfillRange, now: number): Backfill {
  const { name, from, to, count = BACKFILL_LIMIT, parallel = 1 } = range;
  const invalid = (problem: string): Error =>
    joineryError('JN_BACKFILL_INVALID', { name, problem });
  if (!NAME.test(name)) throw invalid('its name is not 1-200 letters, digits, `_`, `.` or `-`');
  if (!(from <= to)) throw invalid('it ends before it begins');
  if (!isWithin(count, BACKFILL_LIMIT)) throw invalid(`count is not 1 to ${BACKFILL_LIMIT}`);
  if (!isWithin(parallel, PARALLEL_LIMIT)) throw invalid(`parallel is not 1 to ${PARALLEL_LIMIT}`);
  const firings: Firing[] = [];
  let at = from - 1;
  for (;;) {
    const firing = firingAfter(schedule.triggers, at);
    if (firing === null || firing.sessionAt > to || firing.plannedAt > now) break;
    at = firing.plannedAt;
    if (firing.sessionAt < from) continue;
    if (firings.length === count && range.count !== undefined) break;
    if (firings.length === BACKFILL_LIMIT)
      throw invalid(`has more than ${BACKFILL_LIMIT} sessions`);
    firings.push(firing);
  }
  return { name, schedule, firings, parallel };
}

/** What is to be done about a backfill. */
export type BackfillStep =
  | { readonly type: 'wait' }
  | { readonly type: 'end' }
  | { readonly type: 'start'; readonly firing: Firing };

/** The next step of a backfill, with so many of its runs under way. */
export function decideBackfill(
  { backfill, position }: BackfillState,
  runCount: number,
): BackfillStep {
  const firing = backfill.firings[position];
  if (firing === undefined) return { type: runCount === 0 ? 'end' : 'wait' };
  return runCount < backfill.parallel ? { type: 'start', firing } : { type: 'wait' };
}

function isWithin(value: number, limit: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= limit;
}
