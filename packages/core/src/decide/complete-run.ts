import { renderWith } from './scope.ts';
import { closeRun, endRun } from './close-run.ts';
import type { Draft } from './draft.ts';
import { lastOutput } from './last-output.ts';

/** End the run when its root sequence is done and nothing is open. */
export function completeRunIfDone(draft: Draft): void {
  const { run } = draft;
  if (run.closing !== null || !run.isRootDone || draft.open > 0) return;
  const { definition } = draft.plan;
  const isDefault = Object.keys(definition.outputParameters).length === 0;
  const output = isDefault
    ? ({ ok: true, value: lastOutput(draft) } as const)
    : renderWith(draft, definition.outputParameters);
  if (!output.ok) {
    closeRun(draft, 'FAILED', `outputParameters: ${output.error.message}`);
    return;
  }
  draft.putData('run:output', output.value);
  if (run.failedPermissive.length === 0) endRun(draft, 'COMPLETED', '');
  else endRun(draft, 'FAILED', permissiveReason(draft));
}

function permissiveReason(draft: Draft): string {
  return draft.run.failedPermissive
    .map((key) => `Task ${key} failed with status: FAILED (permissive)`)
    .join(', ');
}
