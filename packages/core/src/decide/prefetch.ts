import { continuationOf } from '../plan/continuation.ts';
import type { PlanNode } from '../plan/plan.ts';
import type { DataField } from '../run/command.ts';
import { taskKeyOf, type TaskKey } from '../run/ids.ts';
import { isSuccessfulTask } from '../run/status.ts';
import { ROWS_PER_DECISION, type Draft } from './draft.ts';
import { nodeOf } from './node-of.ts';
import { templateNeeds } from './scope.ts';

/** What a decision is going to read, as far as the definition tells; asked for in one go instead of one by one. */
interface Wanted {
  readonly rows: Set<TaskKey>;
  readonly data: Set<DataField>;
  readonly arrivals: Set<TaskKey>;
}

/** Ask for what entering these tasks reads. */
export function prefetchTasks(draft: Draft, refs: readonly string[]): void {
  const wanted = nothing();
  for (const ref of refs) wantTask(draft, ref, wanted);
  require(draft, wanted);
}

/** Ask for what settling the to-do list reads. */
export function prefetchTodo(draft: Draft): void {
  const wanted = nothing();
  for (const key of draft.slice.todo) wanted.rows.add(key);
  require(draft, wanted);
  for (const key of draft.slice.todo) {
    const row = draft.row(key);
    if (row === null) continue;
    for (const name of Object.keys(row.joins)) {
      wanted.rows.add(taskKeyOf(name));
      wanted.arrivals.add(taskKeyOf(name));
    }
    if (isSuccessfulTask(row.status)) wantNext(draft, nodeOf(draft, row), wanted);
  }
  require(draft, wanted);
}

function wantNext(draft: Draft, node: PlanNode, wanted: Wanted): void {
  const next = continuationOf(draft.plan, node);
  if (next.type === 'task') wantTask(draft, next.ref, wanted);
}

function wantTask(draft: Draft, ref: string, wanted: Wanted): void {
  const node = draft.plan.nodes.get(ref);
  const key = taskKeyOf(ref);
  if (node === undefined || wanted.rows.has(key) || wanted.rows.size > 4 * ROWS_PER_DECISION)
    return;
  wanted.rows.add(key);
  const needs = templateNeeds(draft, node.task.inputParameters);
  for (const row of needs.rows) wanted.rows.add(row);
  for (const field of needs.data) wanted.data.add(field);
  if (node.type === 'JOIN') wanted.arrivals.add(key);
  if (node.type === 'SET_VARIABLE') wanted.data.add('run:variables');
  wantInside(draft, node, wanted);
}

function wantInside(draft: Draft, node: PlanNode, wanted: Wanted): void {
  if (node.type !== 'FORK_JOIN') return;
  for (const first of node.branches.slice(0, ROWS_PER_DECISION)) {
    if (first !== null) wantTask(draft, first, wanted);
  }
  if (node.join !== null) wantTask(draft, node.join, wanted);
}

function nothing(): Wanted {
  return { rows: new Set(), data: new Set(), arrivals: new Set() };
}

function require(draft: Draft, { rows, data, arrivals }: Wanted): void {
  draft.require({ rows: [...rows], data: [...data], arrivals: [...arrivals] });
}
