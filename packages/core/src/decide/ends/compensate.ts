import { placed } from '../../plan/node-at.ts';
import type { PlanNode } from '../../plan/plan.ts';
import { iterationsOf, refOf } from '../../run/ids.ts';
import type { Closing, Compensating } from '../../run/run-state.ts';
import { endRun } from './close-run.ts';
import { compensatedAt } from './compensation-pages.ts';
import type { Draft } from '../slices/draft.ts';
import { operatorOf } from '../operator-table.ts';
import { NO_STEPS, type Steps } from '../step.ts';

/** Reach the compensation whose turn it is; after the last one the run ends as it was about to. */
export function compensateNext(draft: Draft): Steps {
  const { compensating } = draft.run;
  if (compensating === null) return NO_STEPS;
  if (compensating.next >= compensating.total) {
    endRun(draft, ended(compensating));
    return NO_STEPS;
  }
  const node = compensationAt(draft, compensating.next);
  const row = draft.row(node.key);
  return row === null ? operatorOf(node.type).enter(draft, node) : NO_STEPS;
}

function compensationAt(draft: Draft, place: number): PlanNode {
  const key = compensatedAt(draft, place);
  const ref = draft.plan.nodes.get(refOf(key))?.compensation ?? '';
  const node = draft.plan.nodes.get(ref);
  if (node === undefined) throw new Error(`the plan has no compensation of ${key}`);
  return placed(node, iterationsOf(key));
}

function ended({ total: _total, next: _next, failed, ...closing }: Compensating): Closing {
  if (failed.length === 0) return closing;
  return { ...closing, reason: `${closing.reason}; compensation failed: ${failed.join(', ')}` };
}
