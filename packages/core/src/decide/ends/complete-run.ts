import { measureJson } from '../../expressions/measure-json.ts';
import { TEMPLATE_BOUNDS } from '../../expressions/template.ts';
import { taskKeyOf } from '../../run/ids.ts';
import type { Closing } from '../../run/run-state.ts';
import { renderWith } from '../slices/scope.ts';
import { OUTSIDE } from '../slices/seen-key.ts';
import { hasCompensations } from './begin-compensating.ts';
import { runOutputProblem } from '../attempts/check-schema.ts';
import { closeRun, endRun } from './close-run.ts';
import type { Draft } from '../slices/draft.ts';
import { lastOutput } from './last-output.ts';

// As large as what expressions yield; deeper than a payload, for the joins around it.
const OUTPUT_BOUNDS = { maxSize: TEMPLATE_BOUNDS.maxSize, maxDepth: 2 * TEMPLATE_BOUNDS.maxDepth };

/** End the run when its root sequence is done and nothing is open. */
export function completeRunIfDone(draft: Draft): void {
  const { run } = draft;
  if (run.closing !== null || run.compensating !== null || !run.isRootDone) return;
  if (draft.open > 0) {
    // The other open tasks may have been done since the load, and kept quiet because of those that are settled here.
    if (draft.open < draft.slice.run.open) draft.hasMore = true;
    return;
  }
  const { definition } = draft.plan;
  const isDefault = Object.keys(definition.outputParameters).length === 0;
  const output = isDefault
    ? ({ ok: true, value: lastOutput(draft) } as const)
    : renderWith(draft, definition.outputParameters, OUTSIDE);
  if (!output.ok) {
    closeRun(draft, 'FAILED', `outputParameters: ${output.error.message}`);
    return;
  }
  const measured = measureJson(output.value, OUTPUT_BOUNDS);
  if (!measured.ok) {
    const advice = 'name what the run yields in its outputParameters';
    closeRun(draft, 'FAILED', `JN_PAYLOAD_TOO_LARGE: the output is ${measured.problem}; ${advice}`);
    return;
  }
  const problem = runOutputProblem(draft, output.value);
  if (problem !== null) {
    closeRun(draft, 'FAILED', problem);
    return;
  }
  draft.putData('run:output', output.value);
  if (run.failedPermissive.length === 0) {
    endRun(draft, { status: 'COMPLETED', reason: '' });
    return;
  }
  const reason = permissiveReason(draft);
  if (hasCompensations(draft.plan)) closeRun(draft, 'FAILED', reason, permissiveTask(draft));
  else endRun(draft, { status: 'FAILED', reason, ...permissiveTask(draft) });
}

function permissiveTask({ run }: Draft): Pick<Closing, 'task'> {
  const [first] = run.failedPermissive;
  return first === undefined ? {} : { task: taskKeyOf(first) };
}

function permissiveReason(draft: Draft): string {
  return draft.run.failedPermissive
    .map((key) => `Task ${key} failed with status: FAILED (permissive)`)
    .join(', ');
}
