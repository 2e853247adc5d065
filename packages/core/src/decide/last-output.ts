import { taskKeyOf } from '../run/ids.ts';
import type { Json } from '../run/json.ts';
import type { Draft } from './draft.ts';
import { selectedCase } from './operators/switch.ts';
import { joinOutput } from './scope.ts';

/** Output of a run whose definition names none: that of the last task of its root sequence, inside the case that was taken. */
export function lastOutput(draft: Draft): Json {
  return outputOfSequence(draft, draft.plan.definition.tasks.at(-1)?.taskReferenceName ?? '');
}

function outputOfSequence(draft: Draft, lastRef: string): Json {
  const node = draft.plan.nodes.get(lastRef);
  const row = draft.row(taskKeyOf(lastRef));
  if (node === undefined || row === null) return {};
  if (node.type === 'JOIN') return joinOutput(draft, row, null);
  const output = draft.data(`o:${row.key}`) ?? {};
  if (node.type !== 'SWITCH') return output;
  const taken = node.task.decisionCases[selectedCase(draft, row)] ?? node.task.defaultCase;
  const last = taken.at(-1);
  return last === undefined ? output : outputOfSequence(draft, last.taskReferenceName);
}
