import type { PlanNode } from '../../plan/plan.ts';
import { taskKeyOf, type TaskKey } from '../../run/ids.ts';
import type { WorkflowTask } from '../../definition/workflow-task.ts';
import { isJsonObject, type Json } from '../../run/json.ts';
import type { Draft } from '../draft.ts';
import type { Operator } from '../operator.ts';
import { isWorkerType, operatorOf } from '../operator-table.ts';
import { ROWS_PER_DECISION } from '../draft.ts';
import { renderWith } from '../scope.ts';
import { dynamicTasksOf } from './dynamic-tasks.ts';
import { expand, settleFork } from './fork.ts';
import { failSystemTask, runSystemTask } from './system-task.ts';

/**
 * FORK_JOIN_DYNAMIC: its branches come from its input. The list is fixed, with the row, when the fork is reached;
 * what it says is never read as a template again.
 */
export const dynamicFork: Operator = {
  enter(draft, node) {
    const input = renderWith(draft, node.task.inputParameters);
    const tasks = input.ok ? dynamicTasksOf(node.task, input.value) : input.error.message;
    if (!input.ok || typeof tasks === 'string') {
      failSystemTask(draft, node, String(tasks));
      return;
    }
    const odd = tasks.find((task) => !isWorkerType(task.type));
    if (odd !== undefined) {
      failSystemTask(
        draft,
        node,
        `a dynamic branch runs worker tasks; '${odd.taskReferenceName}' is a ${odd.type}`,
      );
      return;
    }
    const taken = tasks.find((task) => draft.plan.nodes.has(task.taskReferenceName));
    if (taken !== undefined) {
      failSystemTask(
        draft,
        node,
        `the reference '${taken.taskReferenceName}' is taken by the definition`,
      );
      return;
    }
    runSystemTask(draft, node, {
      status: 'COMPLETED',
      input: { dynamicTasks: tasks as unknown as Json },
      output: { width: tasks.length },
    });
  },

  goOn(draft, node, row) {
    const keys = dynamicKeys(draft, row.key);
    const page = keys.slice(row.cursor, row.cursor + ROWS_PER_DECISION);
    const join = node.join === null ? [] : [taskKeyOf(node.join)];
    draft.require({ rows: [...page, ...join], data: [], arrivals: join });
    const isDone = expand(draft, row, keys.length, (index) => {
      const key = keys[index];
      if (key === undefined || draft.row(key) !== null) return;
      const branch = dynamicNode(draft, row.key, index);
      operatorOf(branch.type).enter(draft, branch);
    });
    if (isDone) settleFork(draft, node, row);
  },
};

/** Keys of the branches that a dynamic fork has fixed. */
export function dynamicKeys(draft: Draft, fork: TaskKey): readonly TaskKey[] {
  return listOf(draft, fork).map((task) => taskKeyOf(task.taskReferenceName));
}

/** The plan's node for one branch of a dynamic fork, made from the fork's stored list. */
export function dynamicNode(draft: Draft, fork: TaskKey, index: number): PlanNode {
  const list = listOf(draft, fork);
  const task = list[index];
  if (task === undefined) throw new Error(`the fork ${fork} has no branch ${index}`);
  return draft.plan.dynamicNode({ task, fork, index, width: list.length });
}

/** The list was parsed before it was stored, by the decision that made the fork's row. */
function listOf(draft: Draft, fork: TaskKey): readonly WorkflowTask[] {
  const input = draft.data(`i:${fork}`) ?? {};
  const list = isJsonObject(input) ? input['dynamicTasks'] : undefined;
  return Array.isArray(list) ? (list as unknown as readonly WorkflowTask[]) : [];
}
