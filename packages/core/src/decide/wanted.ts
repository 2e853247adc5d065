import { continuationOf } from '../plan/continuation.ts';
import type { PlanNode } from '../plan/plan.ts';
import type { DataField } from '../run/command.ts';
import { taskKeyOf, type TaskKey } from '../run/ids.ts';
import { isSuccessfulTask, isTerminalTask } from '../run/status.ts';
import type { TaskRow } from '../run/task-row.ts';
import { closedPathNeeds, joinsInside } from './closed-path.ts';
import { ROWS_PER_DECISION, type Draft } from './draft.ts';
import { wantJoinOutput } from './join-output.ts';
import { nodeOf } from './node-of.ts';
import { readsNeed } from './scope.ts';

/*
 * What a decision is going to read, as far as the definition tells. To name too much costs a little reading; to name
 * too little costs a round trip, never a wrong decision.
 */

/** What is to be read. */
export interface Wanted {
  readonly rows: Set<TaskKey>;
  readonly data: Set<DataField>;
  readonly arrivals: Set<TaskKey>;
}

/** Joins up to this width are read with the arrival; wider ones only when the count says that they may fire. */
const NARROW_JOIN = 32;

/** What acting on a terminal row reads; answers the tasks that it may lead to. */
export function wantSettled(draft: Draft, row: TaskRow, wanted: Wanted): readonly string[] {
  if (row.status === 'FAILED') wanted.data.add(`o:${row.key}`);
  if (row.origin !== null) {
    wanted.data.add(`i:${row.origin.fork}`);
    return Object.keys(row.joins).flatMap((name) => wantJoin(draft, name, wanted));
  }
  const node = nodeOf(draft, row);
  const after = joinsToTell(draft, node).flatMap((ref) => wantJoin(draft, ref, wanted));
  if (row.type === 'SWITCH') wanted.data.add(`o:${row.key}`);
  if (row.type === 'FORK_JOIN_DYNAMIC') wanted.data.add(`i:${row.key}`);
  const isFailed = isTerminalTask(row.status) && !isSuccessfulTask(row.status);
  if (isFailed) wantReads(draft, node, wanted);
  if (!isFailed || row.isOptional || row.isPermissive) {
    after.push(...refsAfter(draft, node, wanted));
  }
  return after;
}

function joinsToTell({ plan }: Draft, node: PlanNode): readonly string[] {
  if (node.type !== 'SWITCH') return node.joins;
  return [...new Set([...node.joins, ...joinsInside(plan, node.ref)])];
}

/** What judging a join reads, and the joins that name it; answers what comes after them when they fire. */
function wantJoin(draft: Draft, ref: string, wanted: Wanted): readonly string[] {
  const key = taskKeyOf(ref);
  const node = draft.plan.nodes.get(ref);
  if (node === undefined || wanted.arrivals.has(key)) return [];
  wanted.rows.add(key);
  wanted.arrivals.add(key);
  if (node.dynamicFork !== null) wanted.data.add(`i:${taskKeyOf(node.dynamicFork)}`);
  if (node.dynamicFork !== null || node.task.joinOn.length > NARROW_JOIN) return [];
  const judged = joinNeeds.get(node) ?? needsOfJoin(draft, node);
  joinNeeds.set(node, judged);
  wantNeeds(judged, wanted);
  return [
    ...refsAfter(draft, node, wanted),
    ...node.joins.flatMap((outer) => wantJoin(draft, outer, wanted)),
  ];
}

/** Derived once: plans live long. */
const joinNeeds = new WeakMap<PlanNode, ReturnType<typeof readsNeed>>();

function needsOfJoin(draft: Draft, { task }: PlanNode): ReturnType<typeof readsNeed> {
  const keys = task.joinOn.map((ref) => taskKeyOf(ref));
  const { rows, data } = closedPathNeeds(draft.plan, keys);
  return { rows: [...keys, ...rows], data };
}

/** Follow the flow through all that is over as soon as it is reached, as far as one decision may come. */
export function wantTasks(draft: Draft, refs: readonly string[], wanted: Wanted): void {
  const seen = new Set<string>();
  const waiting = [...refs];
  for (let ref = waiting.shift(); ref !== undefined; ref = waiting.shift()) {
    const node = draft.plan.nodes.get(ref);
    if (node === undefined || seen.has(ref) || seen.size > ROWS_PER_DECISION) continue;
    seen.add(ref);
    wanted.rows.add(taskKeyOf(ref));
    wantReads(draft, node, wanted);
    if (node.type === 'SET_VARIABLE') wanted.data.add('run:variables');
    if (node.type === 'JOIN') waiting.push(...wantJoin(draft, ref, wanted));
    if (!OVER_AT_ONCE.has(node.type)) continue;
    waiting.push(...refsAfter(draft, node, wanted));
    for (const join of joinsToTell(draft, node)) waiting.push(...wantJoin(draft, join, wanted));
  }
}

const OVER_AT_ONCE = new Set(['FORK_JOIN', 'FORK_JOIN_DYNAMIC', 'NOOP', 'SET_VARIABLE', 'SWITCH']);

/** Tasks that may be reached at once when this one is over; at the end of the run, what its output reads. */
function refsAfter(draft: Draft, node: PlanNode, wanted: Wanted): readonly string[] {
  if (node.type === 'FORK_JOIN') {
    const firsts = node.branches.slice(0, ROWS_PER_DECISION);
    return [...firsts, node.join].filter((ref) => ref !== null);
  }
  const cases = [...node.cases.values(), node.defaultCase].filter((ref) => ref !== null);
  const next = continuationOf(draft.plan, node);
  if (next.type === 'task') return [...cases, next.ref];
  if (next.type === 'run-end') wantRunOutput(draft, wanted);
  return cases;
}

/** What the output of the run reads: its parameters, or its last task, inside whatever case that is. */
function wantRunOutput({ plan }: Draft, wanted: Wanted): void {
  wantNeeds(readsNeed(plan, plan.outputReads), wanted);
  if (Object.keys(plan.definition.outputParameters).length > 0) return;
  const waiting = plan.definition.tasks.slice(-1);
  for (let task = waiting.pop(); task !== undefined; task = waiting.pop()) {
    const node = plan.nodes.get(task.taskReferenceName);
    wanted.rows.add(taskKeyOf(task.taskReferenceName));
    if (node?.type === 'JOIN') wantJoinOutput(plan, { node }, wanted);
    else wanted.data.add(`o:${taskKeyOf(task.taskReferenceName)}`);
    const cases = [...Object.values(task.decisionCases), task.defaultCase];
    waiting.push(...cases.flatMap((each) => each.slice(-1)));
  }
}

function wantReads(draft: Draft, node: PlanNode, wanted: Wanted): void {
  wantNeeds(readsNeed(draft.plan, node.reads), wanted);
}

function wantNeeds({ rows, data }: ReturnType<typeof readsNeed>, wanted: Wanted): void {
  for (const key of rows) wanted.rows.add(key);
  for (const field of data) wanted.data.add(field);
}
