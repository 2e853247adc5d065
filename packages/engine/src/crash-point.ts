/**
 * Places between two steps at which a process may end: after each of them the state must lead to the run's end without
 * the process. `in-critical-section` is inside the lock, with the slice loaded and nothing decided.
 */
export const CRASH_POINTS = [
  'before-start',
  'after-start',
  'in-critical-section',
  'before-commit',
  'after-commit',
  'before-relay',
  'after-enqueue',
  'after-delivery',
  'after-complete',
  'before-nudge',
  'before-repair',
] as const;
/** One of {@link CRASH_POINTS}. */
/** One of these places. */
export type CrashPoint = (typeof CRASH_POINTS)[number];
