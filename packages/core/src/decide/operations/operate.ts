import type {
  Operation,
  PlainOperation,
  ReopenOperation,
  TouchOperation,
} from '../../run/operation.ts';
import { isTerminalRun } from '../../run/status.ts';
import { closeRun } from '../ends/close-run.ts';
import type { Draft } from '../slices/draft.ts';
import { refuse, type Refusal } from './refusal.ts';
import { reopenRun } from './reopen-run.ts';
import { touchRun } from './touch-run.ts';

/** Apply an operator's wish, or say why it is not legal. Asking for what is already so changes nothing. */
export function operate(draft: Draft, operation: Operation): Refusal | null {
  const { run } = draft;
  if (isReopening(operation)) return reopenRun(draft, operation);
  if (isTerminalRun(run.status)) return refuseEnded(draft, operation);
  if (isPlain(operation)) return run.closing === null ? holdRun(draft, operation) : null;
  return run.closing === null ? touchRun(draft, operation) : refuseEnded(draft, operation);
}

function holdRun(draft: Draft, operation: PlainOperation): Refusal | null {
  const { run } = draft;
  switch (operation.type) {
    case 'pause': {
      if (run.status === 'PAUSED') return null;
      draft.patchRun({ status: 'PAUSED' });
      draft.record({ type: 'run.paused', reason: operation.reason });
      return null;
    }
    case 'resume': {
      if (run.status !== 'PAUSED') {
        return refuse('JN_RUN_NOT_PAUSED', `run ${run.id} is ${run.status}, not PAUSED`);
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

function isReopening(operation: Operation): operation is ReopenOperation {
  return ['retry', 'restart', 'rerun'].includes(operation.type);
}

function isPlain(operation: PlainOperation | TouchOperation): operation is PlainOperation {
  return ['pause', 'resume', 'terminate'].includes(operation.type);
}

function refuseEnded(draft: Draft, operation: Operation): Refusal | null {
  const { run } = draft;
  if (operation.type === 'terminate' && run.status === 'TERMINATED') return null;
  const ended = run.closing === null ? `has ended ${run.status}` : 'is ending';
  return refuse('JN_RUN_ENDED', `run ${run.id} ${ended}; it cannot ${operation.type}`);
}
