import type { Plan, PlanNode } from '../../plan/plan.ts';
import { taskKeyOf, type TaskKey } from '../../run/ids.ts';
import type { Closing } from '../../run/run-state.ts';
import type { TaskRow } from '../../run/task-row.ts';
import { compensationPage, PAGE } from './compensation-pages.ts';
import type { Draft } from '../slices/draft.ts';

/*
 * Compensation of a saga: when a run does not complete, what its tasks have done is taken back by their `compensate`
 * tasks, one after the other, the last that has completed first. It begins when everything open has been canceled.
 */

/** By plan: derived once, plans live long. */
const compensated = new WeakMap<Plan, readonly PlanNode[]>();

/** Whether anything in a definition can be taken back. */
export function hasCompensations(plan: Plan): boolean {
  return compensatedNodes(plan).length > 0;
}

/** Fix what is to be taken back, and in which order; false when there is nothing, or it has been begun before. */
export function beginCompensating(draft: Draft, closing: Closing): boolean {
  if (closing.status === 'COMPLETED' || draft.run.compensating !== null) return false;
  const done = completedRows(draft);
  if (done.length === 0) return false;
  for (let from = 0; from < done.length; from += PAGE) {
    const keys = done.slice(from, from + PAGE).map(({ key }) => key);
    draft.putData(compensationPage(from), keys);
  }
  const { status, reason } = closing;
  const total = done.length;
  draft.patchRun({ closing: null, compensating: { ...closing, total, next: 0, failed: [] } });
  draft.clear('run');
  draft.record({ type: 'run.compensating', status, reason, tasks: total });
  return true;
}

/** The last that has completed comes first; of several in one moment, the one that was reached last. */
function completedRows(draft: Draft): readonly TaskRow[] {
  const keys = compensatedNodes(draft.plan).flatMap((node) => keysOf(draft, node));
  draft.require({ rows: keys, data: [], arrivals: [] });
  return keys
    .map((key) => draft.row(key))
    .filter((row) => row !== null)
    .filter(({ status }) => status === 'COMPLETED')
    .toSorted((a, b) => b.endedAt - a.endedAt || b.seq - a.seq);
}

function compensatedNodes(plan: Plan): readonly PlanNode[] {
  const known = compensated.get(plan);
  if (known !== undefined) return known;
  const nodes = [...plan.nodes.values()].filter(({ compensation }) => compensation !== null);
  compensated.set(plan, nodes);
  return nodes;
}

/** The task in every iteration that the loops around it have come to. */
function keysOf(draft: Draft, { ref, loops }: PlanNode): readonly TaskKey[] {
  let places: readonly (readonly number[])[] = [[]];
  for (const loop of loops) {
    const keys = places.map((iterations) => taskKeyOf(loop, iterations));
    draft.require({ rows: keys, data: [], arrivals: [] });
    places = places.flatMap((iterations, index) => {
      const row = draft.row(keys[index] ?? taskKeyOf(loop));
      return Array.from({ length: row?.cursor ?? 0 }, (_, i) => [...iterations, i + 1]);
    });
  }
  return places.map((iterations) => taskKeyOf(ref, iterations));
}
