import { type RunStatus } from '@joinery/core';

/** How one call of `decideRun` ended. */
export type DecideOutcome =
  /** At least one decision was committed. `hasMore`: call again at once, something is left or has arrived. */
  | { readonly type: 'decided'; readonly status: RunStatus; readonly hasMore: boolean }
  /** Nothing was to be decided. */
  | { readonly type: 'clean'; readonly status: RunStatus }
  /** Somebody else is at it. The signal is not lost: the run stays dirty and in attention. */
  | { readonly type: 'busy'; readonly retryAfterMs: number }
  /** No decision can ever be made: the run was ended FAILED. */
  | { readonly type: 'failed'; readonly reason: string }
  /** Its evaluation was given to a process of its own. */
  | { readonly type: 'isolated' }
  | { readonly type: 'gone' };
