import { continuationOf } from '../plan/continuation.ts';
import type { PlanNode } from '../plan/plan.ts';
import type { DataField } from '../run/command.ts';
import { taskKeyOf, type TaskKey } from '../run/ids.ts';
import { isSuccessfulTask, isTerminalTask } from '../run/status.ts';
import type { TaskRow } from '../run/task-row.ts';
import { closedPathNeeds } from './closed-path.ts';
import { ROWS_PER_DECISION, type Draft } from './draft.ts';
import { nodeOf } from './node-of.ts';
import { readsNeed } from './scope.ts';

/*
 * What a decision is going to read, as far as the definition tells; asked for in one go instead of one by one.
 * Asking for too much costs a little reading; asking for too little costs a round trip, never a wrong decision.
 */

/** Joins up to this width are read with the arrival; wider ones only when the count says that they may fire. */
const NARROW_JOIN = 32;

interface Wanted {
  readonly rows: Set<TaskKey>;
  readonly data: Set<DataField>;
  readonly arrivals: Set<TaskKey>;
}

/** Ask for what entering these tasks reads. */
export function prefetchTasks(draft: Draft, refs: readonly string[]): void {
  const wanted = nothing();
  wantTasks(draft, refs, wanted);
  require(draft, wanted);
}

/** Ask for what settling the to-do list reads. */
export function prefetchTodo(draft: Draft): void {
  const wanted = nothing();
  for (const key of draft.slice.todo) wanted.rows.add(key);
  require(draft, wanted);
  const rows = draft.slice.todo.map((key) => draft.row(key)).filter((row) => row !== null);
  wantTasks(
    draft,
    rows.flatMap((row) => wantSettled(draft, row, wanted)),
    wanted,
  );
  require(draft, wanted);
}

/** Ask for the payloads that a full evaluation reads beside the rows. */
export function prefetchWhole(draft: Draft, rows: readonly TaskRow[]): void {
  const wanted = nothing();
  for (const { key, type, status, origin } of rows) {
    const isOpen = !isTerminalTask(status);
    if (type === 'SWITCH' && !isOpen) wanted.data.add(`o:${key}`);
    if (type === 'FORK_JOIN_DYNAMIC' || (type === 'WAIT' && isOpen)) wanted.data.add(`i:${key}`);
    if (origin !== null && isOpen) wanted.data.add(`i:${origin.fork}`);
  }
  require(draft, wanted);
}

/** What acting on a terminal row reads; answers the tasks that it may lead to. */
function wantSettled(draft: Draft, row: TaskRow, wanted: Wanted): readonly string[] {
  const after: string[] = [];
  for (const name of Object.keys(row.joins)) after.push(...wantJoin(draft, name, wanted));
  if (row.origin !== null) {
    wanted.data.add(`i:${row.origin.fork}`);
    return after;
  }
  const node = nodeOf(draft, row);
  if (row.type === 'SWITCH') wanted.data.add(`o:${row.key}`);
  if (row.type === 'FORK_JOIN_DYNAMIC') wanted.data.add(`i:${row.key}`);
  if (!isSuccessfulTask(row.status)) wantReads(draft, node, wanted);
  if (isSuccessfulTask(row.status) || row.isOptional || row.isPermissive) {
    after.push(...refsAfter(draft, node, wanted));
  }
  return after;
}

/** What judging a join reads; answers what comes after it when it fires. */
function wantJoin(draft: Draft, ref: string, wanted: Wanted): readonly string[] {
  const key = taskKeyOf(ref);
  const node = draft.plan.nodes.get(ref);
  wanted.rows.add(key);
  wanted.arrivals.add(key);
  if (node === undefined) return [];
  if (node.dynamicFork !== null) wanted.data.add(`i:${taskKeyOf(node.dynamicFork)}`);
  const { joinOn } = node.task;
  if (node.dynamicFork !== null || joinOn.length > NARROW_JOIN) return [];
  const keys = joinOn.map((each) => taskKeyOf(each));
  const around = closedPathNeeds(draft.plan, keys);
  for (const each of [...keys, ...around.rows]) wanted.rows.add(each);
  for (const field of around.data) wanted.data.add(field);
  return refsAfter(draft, node, wanted);
}

/** Follow the flow through all that is over as soon as it is reached, as far as one decision may come. */
function wantTasks(draft: Draft, refs: readonly string[], wanted: Wanted): void {
  const seen = new Set<string>();
  const waiting = [...refs];
  for (let ref = waiting.shift(); ref !== undefined; ref = waiting.shift()) {
    const node = draft.plan.nodes.get(ref);
    if (node === undefined || seen.has(ref) || seen.size > ROWS_PER_DECISION) continue;
    seen.add(ref);
    wanted.rows.add(taskKeyOf(ref));
    wantReads(draft, node, wanted);
    if (node.type === 'JOIN') wanted.arrivals.add(taskKeyOf(ref));
    if (node.type === 'SET_VARIABLE') wanted.data.add('run:variables');
    if (OVER_AT_ONCE.has(node.type)) waiting.push(...refsAfter(draft, node, wanted));
  }
}

const OVER_AT_ONCE = new Set(['FORK_JOIN', 'NOOP', 'SET_VARIABLE', 'SWITCH']);

/** Tasks that may be reached at once when this one is over; at the end of the run, what its output reads. */
function refsAfter(draft: Draft, node: PlanNode, wanted: Wanted): readonly string[] {
  if (node.type === 'FORK_JOIN') {
    const firsts = node.branches.slice(0, ROWS_PER_DECISION);
    return [...firsts, node.join].filter((ref) => ref !== null);
  }
  const cases = [...node.cases.values(), node.defaultCase].filter((ref) => ref !== null);
  const next = continuationOf(draft.plan, node);
  if (next.type === 'task') return [...cases, next.ref];
  if (next.type === 'run-end') wantNeeds(readsNeed(draft.plan, draft.plan.outputReads), wanted);
  return cases;
}

function wantReads(draft: Draft, node: PlanNode, wanted: Wanted): void {
  wantNeeds(readsNeed(draft.plan, node.reads), wanted);
}

function wantNeeds({ rows, data }: ReturnType<typeof readsNeed>, wanted: Wanted): void {
  for (const key of rows) wanted.rows.add(key);
  for (const field of data) wanted.data.add(field);
}

function nothing(): Wanted {
  return { rows: new Set(), data: new Set(), arrivals: new Set() };
}

function require(draft: Draft, { rows, data, arrivals }: Wanted): void {
  draft.require({ rows: [...rows], data: [...data], arrivals: [...arrivals] });
}
