import type { Place, PlanNode } from '../../plan/plan.ts';
import { taskKeyOf, type TaskKey } from '../../run/ids.ts';
import type { Draft } from './draft.ts';

/** Outside of all loops. */
export const OUTSIDE: Place = { loops: [], iterations: [] };

/**
 * Which task of several iterations a place means by its reference: the one of the same iteration of the loops around
 * both, and of the latest of all others. Null: such a loop has not begun. Throws `LACKING` when the slice does not
 * tell how far a loop has come.
 */
export function seenKey(draft: Draft, node: PlanNode, from: Place): TaskKey | null {
  const loops = loopsToRead(node, from);
  const iterations = from.iterations.slice(0, node.loops.length - loops.length);
  for (const loop of loops) {
    const row = draft.row(taskKeyOf(loop, iterations));
    if (row === null || row.cursor === 0) return null;
    iterations.push(row.cursor);
  }
  return taskKeyOf(node.ref, iterations);
}

/** The key of a loop that must be read before `seenKey` can tell; null when it can. */
export function lackingLoop(draft: Draft, node: PlanNode, from: Place): TaskKey | null {
  const loops = loopsToRead(node, from);
  const iterations = from.iterations.slice(0, node.loops.length - loops.length);
  for (const loop of loops) {
    const key = taskKeyOf(loop, iterations);
    if (!draft.knows(key)) return key;
    const row = draft.row(key);
    if (row === null || row.cursor === 0) return null;
    iterations.push(row.cursor);
  }
  return null;
}

/** The loops around a task that are not around the place, outermost first. */
function loopsToRead({ loops }: PlanNode, from: Place): readonly string[] {
  const apart = loops.findIndex((loop, level) => loop !== from.loops[level]);
  return apart < 0 ? [] : loops.slice(apart);
}
