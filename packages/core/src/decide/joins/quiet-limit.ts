import { isOperatorType } from '../../definition/operator-types.ts';
import type { WorkflowTask } from '../../definition/workflow-task.ts';
import type { Plan, PlanNode } from '../../plan/plan.ts';
import type { TaskKey } from '../../run/ids.ts';
import type { Draft } from '../slices/draft.ts';
import { branchesOf } from '../forks/dynamic-branches.ts';

/*
 * While a worker's success is stored, a decision may be on its way that tells the same join of another task: neither
 * sees the other. If both kept quiet, nobody would look at the join, which is full. So a success is quiet only while
 * fewer tasks have arrived than those of which only workers can tell: then one of these is missing, and will be told
 * of by its worker. All others may be on their way: operators, tasks in cases (their switch may rule them out), and
 * tasks that count as done although they failed. A join that waits for k of n may be full with these alone: it is safe
 * to keep quiet only while it would not be, even if all of them had arrived. An EXCLUSIVE_JOIN is told of everything.
 */

/** Arrivals at a join of the definition below which a success changes nothing. */
export function quietLimit(plan: Plan, join: PlanNode | undefined): number {
  if (join === undefined) return 0;
  const known = limits.get(join);
  if (known !== undefined) return known;
  const joined = [...new Set(join.task.joinOn)].map((ref) => plan.nodes.get(ref));
  const sure = joined.filter((node) => node !== undefined && isSure(plan, node, join)).length;
  const limit = join.type === 'JOIN' ? safeLimit(join, { sure, width: joined.length }) : 0;
  limits.set(join, limit);
  return limit;
}

/** The same for the join of a dynamic fork. */
export function dynamicQuietLimit(draft: Draft, join: PlanNode | undefined, fork: TaskKey): number {
  const list = branchesOf(draft, fork);
  const sure = limitsOfLists.get(list) ?? list.filter((task) => isTold(task)).length;
  limitsOfLists.set(list, sure);
  return safeLimit(join, { sure, width: list.length });
}

/** How many tasks must have arrived before a join of this width can fire. */
export function wantedArrivals(join: PlanNode | undefined, width: number): number {
  const count = join?.task.joinCount ?? 0;
  return count === 0 ? width : Math.min(count, width);
}

function safeLimit(
  join: PlanNode | undefined,
  { sure, width }: { readonly sure: number; readonly width: number },
): number {
  return Math.max(0, wantedArrivals(join, width) - (width - sure));
}

/** Derived once: a wide fork asks as often as it is wide. */
const limits = new WeakMap<PlanNode, number>();
const limitsOfLists = new WeakMap<readonly WorkflowTask[], number>();

function isSure(plan: Plan, node: PlanNode, join: PlanNode): boolean {
  return isTold(node.task) && !isInCase(plan, node, join);
}

/** Only its worker tells of it: unless it succeeds, the run ends. */
function isTold({ type, optional, permissive }: WorkflowTask): boolean {
  return !isOperatorType(type) && !optional && !permissive;
}

/** A switch between the task and the join's own fork. */
function isInCase(plan: Plan, node: PlanNode, join: PlanNode): boolean {
  let { frame } = node;
  while (frame.kind === 'branch') {
    const fork = plan.nodes.get(frame.fork);
    if (fork === undefined || fork.join === join.ref) return false;
    frame = fork.frame;
  }
  return frame.kind === 'case';
}
