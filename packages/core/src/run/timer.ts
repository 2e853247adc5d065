import { taskKeyOf, type TaskKey } from './ids.ts';

/**
 * Why somebody must look at a task at a given moment.
 * `delay` back-off or start delay is over · `wait` a WAIT is due · `timeout` per attempt from its claim ·
 * `response` since the last sign of life · `poll` scheduled and not claimed · `total` over all attempts.
 */
export const TIMER_KINDS = ['delay', 'wait', 'timeout', 'response', 'poll', 'total'] as const;
/** One of {@link TIMER_KINDS}. */
export type TimerKind = (typeof TIMER_KINDS)[number];

/** A timer of a task, `<kind>:<task key>`, or the run's own, `run`. One member of the run's timer set. */
export type TimerId = `${TimerKind}:${string}` | 'run';

/** Name a task's timer. */
export function timerOf(kind: TimerKind, key: TaskKey): TimerId {
  return `${kind}:${key}`;
}

/** Kind and task of a timer; null for the run's own. */
export function parseTimer(timer: TimerId): { kind: TimerKind; key: TaskKey } | null {
  const colon = timer.indexOf(':');
  if (colon < 0) return null;
  const kind = TIMER_KINDS.find((each) => each === timer.slice(0, colon));
  return kind === undefined ? null : { kind, key: taskKeyOf(timer.slice(colon + 1)) };
}
