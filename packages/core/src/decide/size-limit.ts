import type { RunState } from '../run/run-state.ts';
import { closeRun } from './ends/close-run.ts';
import type { Draft } from './slices/draft.ts';

/** What becomes of a run that has grown too large. */
export type SizePolicy = 'fail' | 'pause';

/** How large a run may grow. */
export interface SizeLimits {
  /** Attempts of its tasks, over all iterations and branches. */
  readonly tasks: number;
  /** Events of its history. */
  readonly history: number;
  /** fail: it ends FAILED. pause: it waits until somebody lets it go on under another limit, or ends it. */
  readonly policy: SizePolicy;
}

/** What of a run is limited. */
export type SizeName = 'tasks' | 'history';

/**
 * Five times the widest fork that is accepted, and some events for each of its tasks. Less would stop what is allowed
 * elsewhere; much more, and a loop without an end fills Redis before somebody is told.
 */
export const SIZE_LIMITS: SizeLimits = { tasks: 500_000, history: 2_000_000, policy: 'fail' };

/** How much of each limit a run has used. */
export function sizesOf({
  seq,
  version,
}: Pick<RunState, 'seq' | 'version'>): Readonly<Record<SizeName, number>> {
  return { tasks: seq, history: version };
}

/**
 * Stops a run that is over a limit; true when it did. Looked at before the steps of a decision, so that a limit may be
 * passed by what one decision schedules. A run that is being ended is let go on with that.
 */
export function stopOversized(draft: Draft, limits: SizeLimits): boolean {
  const { slice, run } = draft;
  if (run.compensating !== null) return false;
  const sizes = sizesOf(slice.run);
  const over = (['tasks', 'history'] as const).find((name) => sizes[name] > limits[name]);
  if (over === undefined) return false;
  const { [over]: limit, policy } = limits;
  const count = sizes[over];
  const what = over === 'tasks' ? 'attempts of tasks' : 'events in its history';
  const reason = `The run has ${count} ${what}, more than the limit of ${limit}`;
  draft.record({ type: 'run.limited', limited: over, count, limit, policy });
  if (policy === 'fail') closeRun(draft, 'FAILED', reason);
  else {
    draft.patchRun({ status: 'PAUSED' });
    draft.record({ type: 'run.paused', reason });
  }
  return true;
}
