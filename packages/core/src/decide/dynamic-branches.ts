import type { WorkflowTask } from '../definition/workflow-task.ts';
import type { PlanNode } from '../plan/plan.ts';
import { iterationsOf, taskKeyOf, type TaskKey } from '../run/ids.ts';
import { isJsonObject, type Json } from '../run/json.ts';
import type { Draft } from './draft.ts';

/** The stored input of a dynamic fork: its branches, parsed by the decision that fixed them. */
export function branchList(tasks: readonly WorkflowTask[], atOnce: number): Json;
export function branchList(tasks: readonly WorkflowTask[], atOnce: number): unknown {
  return atOnce < tasks.length
    ? { dynamicTasks: tasks, maxConcurrency: atOnce }
    : { dynamicTasks: tasks };
}

/** How many branches of a dynamic fork may be open at a time. */
export function branchesAtOnce(draft: Draft, fork: TaskKey): number {
  const input = draft.data(`i:${fork}`) ?? {};
  const told = isJsonObject(input) ? input['maxConcurrency'] : null;
  return typeof told === 'number' ? told : Number.POSITIVE_INFINITY;
}

/** Keys of the branches that a dynamic fork has fixed. */
export function dynamicKeys(draft: Draft, fork: TaskKey): readonly TaskKey[] {
  const list = branchesOf(draft, fork);
  const known = keysOfList.get(list);
  if (known !== undefined) return known;
  const keys = list.map((task) => taskKeyOf(task.taskReferenceName, iterationsOf(fork)));
  keysOfList.set(list, keys);
  return keys;
}

/** Derived once per list that was read: a wide join is judged as often as it is wide. */
const keysOfList = new WeakMap<readonly WorkflowTask[], readonly TaskKey[]>();

/** The node of one branch of a dynamic fork. */
export function dynamicNode(draft: Draft, fork: TaskKey, index: number): PlanNode {
  const list = branchesOf(draft, fork);
  const task = list[index];
  if (task === undefined) throw new Error(`the fork ${fork} has no branch ${index}`);
  const isSliding = branchesAtOnce(draft, fork) < list.length;
  const node =
    nodes.get(task) ?? draft.plan.dynamicNode({ task, fork, index, width: list.length, isSliding });
  nodes.set(task, node);
  return node;
}

/** Compiled once per decision and branch: the task is an object of the slice, and has one place in one list. */
const nodes = new WeakMap<WorkflowTask, PlanNode>();

/** The branches that a dynamic fork has fixed, in their order. */
export function branchesOf(draft: Draft, fork: TaskKey): readonly WorkflowTask[] {
  const input = draft.data(`i:${fork}`) ?? {};
  return asBranches(isJsonObject(input) ? (input['dynamicTasks'] ?? []) : []);
}

function asBranches(list: Json): readonly WorkflowTask[];
function asBranches(list: unknown): unknown {
  return list;
}
