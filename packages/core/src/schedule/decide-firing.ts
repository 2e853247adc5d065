import { type RunId } from '../run/ids.ts';
import { planFiring, type PlannedFiring, type ScheduleState } from './schedule-state.ts';
import { firingAfter, firingBefore } from './trigger.ts';
import { type Session } from './session-variables.ts';

/** Why a firing was left out. */
export type SkipReason = 'missed' | 'delayed' | 'overtime';

/** What is to be done about a schedule now. */
export type FiringDecision =
  | { readonly type: 'nothing' }
  /** As many runs as are allowed are under way. */
  | { readonly type: 'wait' }
  | {
      readonly type: 'skip';
      readonly reason: SkipReason;
      readonly firing: PlannedFiring;
      readonly state: ScheduleState;
    }
  | { readonly type: 'start'; readonly firing: PlannedFiring; readonly session: Session };

/**
 * Later than this, a firing was missed. Schedulers look five times a second, and a killed one is replaced within the 5 s
 * after which its work is taken again: what is later than twice that was nobody's to carry out.
 */
const MISSED_AFTER_MS = 10_000;

/** What is to be done about a schedule at `now`, with so many of its runs under way. Pure. */
export function decideFiring(
  state: ScheduleState,
  { now, runCount }: { readonly now: number; readonly runCount: number },
): FiringDecision {
  const { schedule, next, paused } = state;
  if (paused !== null || next === null || next.dueAt > now) return { type: 'nothing' };
  const skip = (reason: SkipReason, after: number): FiringDecision => ({
    type: 'skip',
    reason,
    firing: next,
    state: { ...state, next: planFiring(schedule, Math.max(after, next.plannedAt)) },
  });
  const { skipDelayedByMs, jitterMs, maxConcurrentRuns } = schedule;
  if (skipDelayedByMs > 0 && now > next.dueAt + skipDelayedByMs) {
    return skip('delayed', now - skipDelayedByMs - jitterMs - 1);
  }
  const superseded = missedUntil(state, next, now);
  if (superseded !== null) return skip('missed', superseded);
  if (schedule.skipOnOvertime && runCount > 0) return skip('overtime', next.plannedAt);
  if (maxConcurrentRuns > 0 && runCount >= maxConcurrentRuns) return { type: 'wait' };
  return { type: 'start', firing: next, session: sessionOf(state, next) };
}

/** A schedule after a firing has started its run, or has failed to for good. */
export function afterFiring(
  state: ScheduleState,
  firing: PlannedFiring,
  runId: RunId | null,
): ScheduleState {
  const { schedule, runs } = state;
  const isCounted = schedule.skipOnOvertime || schedule.maxConcurrentRuns > 0;
  return {
    ...state,
    next: planFiring(schedule, firing.plannedAt),
    lastExecutedSessionAt: runId === null ? state.lastExecutedSessionAt : firing.sessionAt,
    runs: isCounted && runId !== null ? [...runs, runId] : isCounted ? runs : [],
  };
}

/** The variables' facts of one firing. */
export function sessionOf(
  { schedule, lastExecutedSessionAt }: Pick<ScheduleState, 'schedule' | 'lastExecutedSessionAt'>,
  { sessionAt, plannedAt }: { readonly sessionAt: number; readonly plannedAt: number },
): Session {
  return {
    schedule: schedule.name,
    zone: schedule.zone,
    sessionAt,
    lastSessionAt: firingBefore(schedule.triggers, plannedAt)?.sessionAt ?? null,
    nextSessionAt: firingAfter(schedule.triggers, plannedAt)?.sessionAt ?? null,
    lastExecutedSessionAt,
  };
}

/** The moment up to which firings are left out as missed; null: this one is to be carried out. */
function missedUntil(
  { schedule }: ScheduleState,
  { plannedAt, dueAt }: PlannedFiring,
  now: number,
): number | null {
  const { missed, jitterMs, triggers } = schedule;
  if (missed === 'all' || now - dueAt <= MISSED_AFTER_MS) return null;
  if (missed === 'none') return now - MISSED_AFTER_MS - jitterMs - 1;
  const last = firingBefore(triggers, Math.min(now, schedule.windowTo ?? now) - jitterMs + 1);
  return last === null || last.plannedAt <= plannedAt ? null : last.plannedAt - 1;
}
