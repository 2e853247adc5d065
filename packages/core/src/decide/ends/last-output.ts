import { taskKeyOf } from '../../run/ids.ts';
import type { Json } from '../../run/json.ts';
import type { Draft } from '../slices/draft.ts';
import { outputOf } from '../attempts/task-output.ts';
import { isChoice, takenCase } from '../slices/taken-case.ts';

/** Output of a run whose definition names none: that of the last task of its root sequence, inside the case that was taken. */
export function lastOutput(draft: Draft): Json {
  return outputOfSequence(draft, draft.plan.definition.tasks.at(-1)?.taskReferenceName ?? '');
}

function outputOfSequence(draft: Draft, lastRef: string): Json {
  const node = draft.plan.nodes.get(lastRef);
  const row = draft.row(taskKeyOf(lastRef));
  if (node === undefined || row === null) return {};
  const output = outputOf(draft, row, null);
  if (!isChoice(node)) return output;
  const taken = takenCase(draft, node, row);
  const tasks = taken?.name == null ? node.task.defaultCase : node.task.decisionCases[taken.name];
  const last = taken === null ? undefined : tasks?.at(-1);
  return last === undefined ? output : outputOfSequence(draft, last.taskReferenceName);
}
