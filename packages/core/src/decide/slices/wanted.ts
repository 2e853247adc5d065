import { continuationOf } from '../../plan/continuation.ts';
import { nodeAt } from '../../plan/node-at.ts';
import type { PlanNode } from '../../plan/plan.ts';
import type { DataField } from '../../run/command.ts';
import { taskKeyOf, type TaskKey } from '../../run/ids.ts';
import { isSuccessfulTask, isTerminalTask } from '../../run/status.ts';
import type { TaskRow } from '../../run/task-row.ts';
import { closedPathNeeds, joinsInside } from '../joins/closed-path.ts';
import { ROWS_PER_DECISION, type Draft } from './draft.ts';
import { conditionReads, hasItems, placeInside, readsParameters } from '../loops/loop-condition.ts';
import { nodeOf } from './node-of.ts';
import { readsNeed } from './scope.ts';
import { OUTSIDE } from './seen-key.ts';
import { isSliding } from '../forks/sliding-fork.ts';
import { isChoice } from './taken-case.ts';
import { wantOutput } from '../attempts/task-output.ts';

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
export function wantSettled(draft: Draft, row: TaskRow, wanted: Wanted): readonly TaskKey[] {
  if (row.status === 'FAILED') wanted.data.add(`o:${row.key}`);
  if (row.origin !== null) {
    wanted.data.add(`i:${row.origin.fork}`);
    if (isSliding(row)) wanted.rows.add(row.origin.fork);
    return Object.keys(row.joins).flatMap((name) => wantJoin(draft, taskKeyOf(name), wanted));
  }
  const node = nodeOf(draft, row);
  const after = joinsToTell(draft, node).flatMap((key) => wantJoin(draft, key, wanted));
  if (isChoice(row)) wanted.data.add(`o:${row.key}`);
  if (row.type === 'FORK_JOIN_DYNAMIC') wanted.data.add(`i:${row.key}`);
  const isFailed = isTerminalTask(row.status) && !isSuccessfulTask(row.status);
  if (isFailed) wantReads(draft, node, wanted);
  if (!isFailed || row.isOptional || row.isPermissive) {
    after.push(...keysAfter(draft, node, wanted));
  }
  return after;
}

function joinsToTell({ plan }: Draft, node: PlanNode): readonly TaskKey[] {
  const refs = isChoice(node) ? joinsInside(plan, node.ref) : [];
  return [...new Set([...node.joins, ...refs])].map((ref) => taskKeyOf(ref, node.iterations));
}

/** What judging a join reads, and the joins that name it; answers what comes after them when they fire. */
function wantJoin(draft: Draft, key: TaskKey, wanted: Wanted): readonly TaskKey[] {
  const node = nodeAt(draft.plan, key);
  if (node === undefined || wanted.arrivals.has(key)) return [];
  wanted.rows.add(key);
  wanted.arrivals.add(key);
  const { dynamicFork, iterations, task } = node;
  if (dynamicFork !== null) wanted.data.add(`i:${taskKeyOf(dynamicFork, iterations)}`);
  if (dynamicFork !== null || task.joinOn.length > NARROW_JOIN) return [];
  const judged = joinNeeds.get(node) ?? needsOfJoin(draft, node);
  // A node in an iteration was made for this decision: what belongs to it is soon forgotten.
  joinNeeds.set(node, judged);
  wantNeeds(judged, wanted);
  return [
    ...keysAfter(draft, node, wanted),
    ...node.joins.flatMap((outer) => wantJoin(draft, taskKeyOf(outer, iterations), wanted)),
  ];
}

/** Derived once: plans live long. */
const joinNeeds = new WeakMap<PlanNode, ReturnType<typeof readsNeed>>();

function needsOfJoin(draft: Draft, { task, iterations }: PlanNode): ReturnType<typeof readsNeed> {
  const refs = [...task.joinOn, ...task.defaultExclusiveJoinTask];
  const keys = refs.map((ref) => taskKeyOf(ref, iterations));
  const { rows, data } = closedPathNeeds(draft.plan, keys);
  return { rows: [...keys, ...rows], data };
}

/** Follow the flow through all that is over as soon as it is reached, as far as one decision may come. */
export function wantTasks(draft: Draft, keys: readonly TaskKey[], wanted: Wanted): void {
  const seen = new Set<TaskKey>();
  const waiting = [...keys];
  for (let key = waiting.shift(); key !== undefined; key = waiting.shift()) {
    const node = nodeAt(draft.plan, key);
    if (node === undefined || seen.has(key) || seen.size > ROWS_PER_DECISION) continue;
    seen.add(key);
    wanted.rows.add(key);
    wantReads(draft, node, wanted);
    if (node.type === 'SET_VARIABLE') wanted.data.add('run:variables');
    if (node.type === 'JOIN' || node.type === 'EXCLUSIVE_JOIN')
      waiting.push(...wantJoin(draft, key, wanted));
    if (node.type === 'DO_WHILE') waiting.push(...bodyKeys(node, 1));
    if (!OVER_AT_ONCE.has(node.type)) continue;
    waiting.push(...keysAfter(draft, node, wanted));
    for (const join of joinsToTell(draft, node)) waiting.push(...wantJoin(draft, join, wanted));
  }
}

const OVER_AT_ONCE = new Set([
  'DECISION',
  'FORK_JOIN',
  'FORK_JOIN_DYNAMIC',
  'INLINE',
  'JSON_JQ_TRANSFORM',
  'LAMBDA',
  'NOOP',
  'SET_VARIABLE',
  'SWITCH',
]);

/** Tasks that may be reached at once when this one is over; at the end of the run, what its output reads. */
function keysAfter(draft: Draft, node: PlanNode, wanted: Wanted): readonly TaskKey[] {
  const keysOf = (refs: readonly (string | null)[]): readonly TaskKey[] =>
    refs.flatMap((ref) => (ref === null ? [] : taskKeyOf(ref, node.iterations)));
  if (node.type === 'FORK_JOIN') {
    return keysOf([...node.branches.slice(0, ROWS_PER_DECISION), node.join]);
  }
  const cases = keysOf([...node.cases.values(), node.defaultCase]);
  const next = continuationOf(draft.plan, node);
  if (next.type === 'task') return [...cases, next.key];
  if (next.type === 'run-end') wantRunOutput(draft, wanted);
  if (next.type === 'iteration-end') return [...cases, ...wantIteration(draft, next, wanted)];
  return cases;
}

/** What the end of an iteration reads; answers what comes after it: the next one, or what follows the loop. */
function wantIteration(
  draft: Draft,
  { loop: key, iteration }: { readonly loop: TaskKey; readonly iteration: number },
  wanted: Wanted,
): readonly TaskKey[] {
  const loop = nodeAt(draft.plan, key);
  if (loop === undefined) return [];
  const from = placeInside(loop, iteration);
  wanted.rows.add(key);
  if (hasItems(loop)) wanted.data.add(`i:${key}`);
  wantNeeds(readsNeed(draft, conditionReads(draft, loop), from), wanted);
  if (readsParameters(draft, loop)) wantNeeds(readsNeed(draft, loop.reads, from), wanted);
  return [...bodyKeys(loop, iteration + 1), ...keysAfter(draft, loop, wanted)];
}

function bodyKeys({ body, iterations }: PlanNode, iteration: number): readonly TaskKey[] {
  return body === null ? [] : [taskKeyOf(body, [...iterations, iteration])];
}

/** What the output of the run reads: its parameters, or its last task, inside whatever case that is. */
function wantRunOutput(draft: Draft, wanted: Wanted): void {
  const { plan } = draft;
  wantNeeds(readsNeed(draft, plan.outputReads, OUTSIDE), wanted);
  if (Object.keys(plan.definition.outputParameters).length > 0) return;
  const waiting = plan.definition.tasks.slice(-1);
  for (let task = waiting.pop(); task !== undefined; task = waiting.pop()) {
    const key = taskKeyOf(task.taskReferenceName);
    wanted.rows.add(key);
    wantOutput(plan, { key, path: [] }, wanted);
    const cases = [...Object.values(task.decisionCases), task.defaultCase];
    waiting.push(...cases.flatMap((each) => each.slice(-1)));
  }
}

function wantReads(draft: Draft, node: PlanNode, wanted: Wanted): void {
  wantNeeds(readsNeed(draft, node.reads, node), wanted);
}

function wantNeeds({ rows, data }: ReturnType<typeof readsNeed>, wanted: Wanted): void {
  for (const key of rows) wanted.rows.add(key);
  for (const field of data) wanted.data.add(field);
}
