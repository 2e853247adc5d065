import type { WorkflowTask } from '../../definition/workflow-task.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { iterationsOf, taskKeyOf, type TaskKey } from '../../run/ids.ts';
import { isJsonObject, type Json, type JsonObject } from '../../run/json.ts';
import type { Draft } from '../slices/draft.ts';

/**
 * The stored input of a dynamic fork: its branches, parsed by the decision that fixed them. What they have in common
 * stands there once, as `shared`: of 100,000 branches that is most of it.
 */
export function branchList(tasks: readonly WorkflowTask[], atOnce: number): Json;
export function branchList(tasks: readonly WorkflowTask[], atOnce: number): unknown {
  const shared = sharedFields(tasks);
  const dynamicTasks = tasks.map((task) =>
    Object.fromEntries(Object.entries(task).filter(([name]) => !Object.hasOwn(shared, name))),
  );
  const list = { dynamicTasks, shared };
  return atOnce < tasks.length ? { ...list, maxConcurrency: atOnce } : list;
}

function sharedFields(tasks: readonly WorkflowTask[]): object {
  const [first, ...others] = tasks.map((task) => new Map(Object.entries(task)));
  if (first === undefined) return {};
  const fields = [...first].filter(([name, value]) => {
    const text = JSON.stringify(value);
    // A reference is a branch's own, also where there is one branch.
    const isOwn = name === 'taskReferenceName';
    return !isOwn && others.every((task) => JSON.stringify(task.get(name)) === text);
  });
  return Object.fromEntries(fields);
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
  if (!isJsonObject(input)) return [];
  const known = branchesOfInput.get(input);
  if (known !== undefined) return known;
  const { dynamicTasks, shared = {} } = input;
  const list = Array.isArray(dynamicTasks) ? (dynamicTasks as readonly Json[]) : [];
  const branches = list.map((task) => asBranch({ ...asObject(shared), ...asObject(task) }));
  branchesOfInput.set(input, branches);
  return branches;
}

/** Put together once per input that was read. */
const branchesOfInput = new WeakMap<JsonObject, readonly WorkflowTask[]>();

function asObject(json: Json): JsonObject {
  return isJsonObject(json) ? json : {};
}

function asBranch(task: JsonObject): WorkflowTask;
function asBranch(task: unknown): unknown {
  return task;
}
