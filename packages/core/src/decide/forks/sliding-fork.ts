import type { TaskKey } from '../../run/ids.ts';
import { isTerminalTask } from '../../run/status.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from '../slices/draft.ts';
import { branchesAtOnce, dynamicKeys } from './dynamic-branches.ts';
import { NO_STEPS, type Step, type Steps } from '../step.ts';

/*
 * A dynamic fork with `maxConcurrency` has so many branches open and no more: each that is done with lets the next one
 * begin. Its cursor is the next branch. Its branches are no tails, so that none of them ends without a decision, and
 * each is settled once: as many begin as end, and nobody has to count.
 */

/** True for a fork that has only so many branches open at a time. */
export function isBounded(draft: Draft, fork: TaskKey): boolean {
  return branchesAtOnce(draft, fork) < Number.POSITIVE_INFINITY;
}

/** A row that is a branch of such a fork; of all branches made at run time these alone are no tails. */
export function isSliding({ origin, isTail }: Pick<TaskRow, 'origin' | 'isTail'>): boolean {
  return origin !== null && !isTail;
}

/** Let the next branch begin, if there is one. */
export function slideOn(draft: Draft, fork: TaskKey): Steps {
  const row = draft.row(fork);
  const width = dynamicKeys(draft, fork).length;
  if (row === null || !row.isSettled || row.cursor >= width) return NO_STEPS;
  draft.put({ ...row, cursor: row.cursor + 1 });
  return [{ type: 'enter-branch', fork, index: row.cursor }];
}

/** What a full evaluation finds missing of such a fork: branches that are not there, and places that nobody has taken. */
export function lostBranches(draft: Draft, fork: TaskRow): Steps {
  const keys = dynamicKeys(draft, fork.key);
  const begun = keys.slice(0, fork.cursor).map((key) => draft.row(key));
  const lost = begun.flatMap((row, index): readonly Step[] =>
    row === null ? [{ type: 'enter-branch', fork: fork.key, index }] : [],
  );
  const open = begun.filter((row) => row !== null && !isDone(row)).length + lost.length;
  const places = Math.min(branchesAtOnce(draft, fork.key) - open, keys.length - fork.cursor);
  const free = Array.from({ length: Math.max(0, places) }, (): Step => ({
    type: 'slide',
    fork: fork.key,
  }));
  return [...lost, ...free];
}

function isDone(row: TaskRow): boolean {
  return row.isSettled && isTerminalTask(row.status);
}
