import { isTerminalRun } from '../run/status.ts';
import { closeRun } from './close-run.ts';
import type { DecideResult, Operation } from './decision.ts';
import type { Draft } from './draft.ts';

type Refusal = Extract<DecideResult, { type: 'refused' }>;

/** Apply an operator's wish, or say why it is not legal. Asking for what is already so changes nothing. */
export function operate(draft: Draft, operation: Operation): Refusal | null {
  const { run } = draft;
  if (isTerminalRun(run.status)) return refuseEnded(draft, operation);
  if (run.closing !== null) return null;
  switch (operation.type) {
    case 'pause': {
      if (run.status === 'PAUSED') return null;
      draft.patchRun({ status: 'PAUSED' });
      draft.record({ type: 'run.paused', reason: operation.reason });
      return null;
    }
    case 'resume': {
      if (run.status !== 'PAUSED') {
        return {
          type: 'refused',
          code: 'JN_RUN_NOT_PAUSED',
          reason: `run ${run.id} is ${run.status}, not PAUSED`,
        };
      }
      draft.patchRun({ status: 'RUNNING' });
      draft.record({ type: 'run.resumed', reason: operation.reason });
      draft.hasMore = true;
      return null;
    }
    case 'terminate': {
      const isWanted = operation.triggersFailureWorkflow !== true;
      closeRun(draft, 'TERMINATED', operation.reason, isWanted ? { isWanted } : {});
      return null;
    }
  }
}

function refuseEnded(draft: Draft, operation: Operation): Refusal | null {
  const { run } = draft;
  if (operation.type === 'terminate' && run.status === 'TERMINATED') return null;
  return {
    type: 'refused',
    code: 'JN_RUN_ENDED',
    reason: `run ${run.id} has ended ${run.status}; it cannot ${operation.type}`,
  };
}
