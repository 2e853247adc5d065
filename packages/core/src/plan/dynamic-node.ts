import type { WorkflowTask } from '../definition/workflow-task.ts';
import { taskKeyOf } from '../run/ids.ts';
import { taskDefOf } from './compile-plan.ts';
import type { Plan, PlanNode } from './plan.ts';

/** The node of one branch that a fork made at run time: a single task whose input is at hand. */
export function dynamicNodeOf(
  plan: Plan,
  { task, fork, index, width }: { task: WorkflowTask; fork: string; index: number; width: number },
): PlanNode {
  const join = plan.nodes.get(fork)?.join ?? null;
  return {
    ref: task.taskReferenceName,
    type: task.type,
    task,
    taskDef: taskDefOf(task, plan.taskDefs),
    next: null,
    frame: { kind: 'branch', fork, index },
    joins: join === null ? [] : [join],
    isTail: true,
    reads: [],
    branches: [],
    cases: new Map(),
    defaultCase: null,
    join: null,
    dynamicFork: null,
    origin: { fork: taskKeyOf(fork), index },
    joinWidth: width,
  };
}
