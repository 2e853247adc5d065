import { taskKeyOf } from '../run/ids.ts';
import { isTerminalRun } from '../run/status.ts';
import { announceChanges } from './attempts/announce-changes.ts';
import { continueClosing } from './ends/close-run.ts';
import { completeRunIfDone } from './ends/complete-run.ts';
import type { DecideInput, DecideResult } from './decision.ts';
import { Draft, LACKING } from './slices/draft.ts';
import { fireTimer } from './attempts/fire-timer.ts';
import { operate } from './operations/operate.ts';
import { prefetchTasks, prefetchWork } from './slices/prefetch.ts';
import { reconcile } from './reconcile.ts';
import { continueReset } from './operations/reset-run.ts';
import { SIZE_LIMITS, stopOversized } from './size-limit.ts';
import { takeSteps } from './take-steps.ts';

/*
 * The decider. Everything that a workflow does is decided here; scripts guard, count and move.
 *
 * Ownership: none. The input is read-only; nothing is kept between calls.
 * Interface: a slice of a run, its plan, why we are asked, and a seed; the answer is commands, or what is lacking.
 * Invariants, each with a test that begins with its number:
 *  I1  Total: for well-typed input it answers and does not throw.
 *  I2  Deterministic: the same input gives the same answer.
 *  I3  Idempotent: after its commands are applied, asking again about the same state gives an empty decision.
 *  I4  Bounded: one decision puts at most ROWS_PER_DECISION + the depth of the definition rows; the rest follows with `hasMore`.
 *  I5  A task is scheduled only after all its predecessors are done with.
 *  I6  A join fires at most once, and only when what it waits for is done with or ruled out by a switch.
 *  I7  At most one row per key; attempts grow by one; an earlier attempt is terminal.
 *  I8  Nothing is scheduled while a run is paused, closing or ended.
 *  I9  A run ends exactly once, with nothing open, and `run.ended` is its last event.
 *  I10 A slice decides like the whole.
 *  I11 No run stands still: a run that is not terminal has an open task with a cause to move, or asks for more.
 *  I12 At most retryCount + 1 attempts of a task.
 */

/** Decide what is to change. Pure; see the file's head for what always holds. */
export function decide(input: DecideInput): DecideResult {
  const draft = new Draft(input);
  try {
    const refused = evaluate(draft, input);
    if (refused !== null) return refused;
    if (!draft.isLacking) announceChanges(draft);
  } catch (error) {
    if (error !== LACKING) throw error;
  }
  if (draft.isLacking) return { type: 'needs', needs: draft.needs };
  return { type: 'decision', decision: draft.toDecision() };
}

function evaluate(
  draft: Draft,
  { event, sizeLimits = SIZE_LIMITS }: DecideInput,
): DecideResult | null {
  if (event.type === 'operation') {
    const refused = operate(draft, event.operation);
    if (refused !== null) return refused;
  }
  if (isTerminalRun(draft.run.status)) return null;
  if (draft.slice.run.closing !== null) {
    takeSteps(draft, continueClosing(draft));
    return null;
  }
  if (event.type === 'operation' || draft.run.status === 'PAUSED') return null;
  const { resetting, compensating } = draft.run;
  if (resetting !== null && compensating === null) {
    continueReset(draft, resetting);
    return null;
  }
  if (stopOversized(draft, sizeLimits)) return null;
  if (event.type === 'start') begin(draft);
  prefetchWork(draft);
  for (const timer of draft.slice.due) takeSteps(draft, fireTimer(draft, timer));
  for (const key of draft.slice.todo) takeSteps(draft, [{ type: 'settle', key }]);
  if (draft.slice.hasMoreTodo) draft.hasMore = true;
  if (draft.isLacking) return null;
  if (draft.slice.whole !== null) reconcile(draft);
  completeRunIfDone(draft);
  return null;
}

function begin(draft: Draft): void {
  const { definition, first } = draft.plan;
  draft.record({ type: 'run.started', definition: definition.name, version: definition.version });
  if (definition.timeoutSeconds > 0) draft.arm('run', definition.timeoutSeconds * 1000);
  const key = taskKeyOf(first);
  prefetchTasks(draft, [key]);
  takeSteps(draft, [{ type: 'enter', key }]);
}
