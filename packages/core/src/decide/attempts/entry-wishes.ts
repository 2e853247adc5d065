import type { PlanNode } from '../../plan/plan.ts';
import { taskKeyOf } from '../../run/ids.ts';
import { isJsonObject } from '../../run/json.ts';
import type { TaskRow } from '../../run/task-row.ts';
import type { Draft } from '../slices/draft.ts';
import { newRow } from './new-row.ts';
import { asData } from '../slices/scope.ts';
import { NO_STEPS, type Steps } from '../step.ts';

/*
 * What operators have said of a task before the flow comes to it.
 */

/**
 * The task is over without having run. It arrives at its joins now and is acted upon by the next decision: workers
 * count on each other's arrivals there, and not on one that is decided at the same time.
 */
export function enterSkipped(draft: Draft, node: PlanNode, { reason }: TaskRow): Steps {
  const row = { ...newRow(draft, node), status: 'SKIPPED', reason } as const;
  const { key, attempt, status } = row;
  draft.put(row, true);
  draft.record({ type: 'task.decided', key, attempt, status, reason });
  for (const join of Object.keys(row.joins)) draft.arrive(taskKeyOf(join), key);
  return NO_STEPS;
}

/** The node with the input that an operator has given, in the place of its parameters. */
export function withGivenInput(draft: Draft, node: PlanNode): PlanNode {
  const given = draft.data(`i:${node.key}`);
  const inputParameters = asData(given !== null && isJsonObject(given) ? given : {});
  return { ...node, inputParameters, reads: [], task: { ...node.task, inputParameters } };
}
