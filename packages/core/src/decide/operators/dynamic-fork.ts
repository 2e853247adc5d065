import { isOperatorType } from '../../definition/operator-types.ts';
import { taskKeyOf } from '../../run/ids.ts';
import { isJsonObject, type Json } from '../../run/json.ts';
import { ROWS_PER_DECISION } from '../slices/draft.ts';
import { branchesAtOnce, branchList, dynamicKeys } from '../forks/dynamic-branches.ts';
import type { Operator } from '../operator.ts';
import { isRunTask } from '../runs/request-run.ts';
import { renderWith } from '../slices/scope.ts';
import { NO_STEPS } from '../step.ts';
import { dynamicTasksOf } from './dynamic-tasks.ts';
import { expandFork } from './fork.ts';
import { failSystemTask, runSystemTask } from './system-task.ts';

/** What an expansion was tested with. The list of branches is a payload, whose limit most come to earlier. */
const MAX_BRANCHES = 100_000;

/** The first branches of a fork that has only so many at a time are entered in one decision, with room to spare. */
const MAX_AT_ONCE = 200;

/**
 * FORK_JOIN_DYNAMIC: its branches come from its input. The list is fixed, with the row, when the fork is reached;
 * what it says is never read as a template again.
 */
export const dynamicFork: Operator = {
  enter(draft, node) {
    const input = renderWith(draft, node.inputParameters, node);
    if (!input.ok) return failSystemTask(draft, node, input.error.message);
    const tasks = dynamicTasksOf(node.task, input.value);
    if (typeof tasks === 'string') return failSystemTask(draft, node, tasks);
    if (tasks.length > MAX_BRANCHES) {
      const reason = `${tasks.length} branches; at most ${MAX_BRANCHES} are run`;
      return failSystemTask(draft, node, reason);
    }
    for (const { type, taskReferenceName: ref } of tasks) {
      if (isOperatorType(type) && !isRunTask({ type })) {
        const reason = `branch '${ref}' is a ${type}; it must be a worker task or a run`;
        return failSystemTask(draft, node, reason);
      }
      if (draft.plan.nodes.has(ref)) {
        return failSystemTask(draft, node, `the definition has a task '${ref}' already`);
      }
    }
    const atOnce = atOnceIn(input.value, tasks.length);
    if (typeof atOnce === 'string') return failSystemTask(draft, node, atOnce);
    return runSystemTask(draft, node, {
      status: 'COMPLETED',
      input: branchList(tasks, atOnce),
      output: { width: tasks.length },
    });
  },

  goOn(draft, node, row) {
    const keys = dynamicKeys(draft, row.key);
    const join = node.join === null ? [] : [taskKeyOf(node.join, node.iterations)];
    const page = keys.slice(row.cursor, row.cursor + ROWS_PER_DECISION);
    draft.require({ rows: [...page, ...join], data: [], arrivals: join });
    const width = Math.min(keys.length, branchesAtOnce(draft, row.key));
    // The first branches are entered in one go: until they are, an end of one could not let the next one begin.
    if (width < keys.length && draft.room < width) return NO_STEPS;
    return expandFork(draft, node, {
      row,
      width,
      branch: (index) => ({ type: 'enter-branch', fork: row.key, index }),
    });
  },
};

/** How many of its branches may be open at a time; or why that cannot be told. */
function atOnceIn(input: Json, width: number): number | string {
  const told = (isJsonObject(input) ? input['maxConcurrency'] : null) ?? null;
  if (told === null) return width;
  if (typeof told !== 'number' || !Number.isInteger(told) || told < 1) {
    return `maxConcurrency must be a whole number from 1, not ${JSON.stringify(told)}`;
  }
  if (told >= width || told <= MAX_AT_ONCE) return Math.min(told, width);
  return `maxConcurrency is ${told}; it must be at most ${MAX_AT_ONCE}, or allow all ${width} branches`;
}
