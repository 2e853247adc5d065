import { taskKeyOf } from '../run/ids.ts';
import { isTerminalTask } from '../run/status.ts';
import type { Draft } from './draft.ts';
import { dynamicKeys, dynamicNode } from './dynamic-branches.ts';
import { judgeJoin } from './judge-join.ts';
import { operatorOf } from './operator-table.ts';
import { settleTask } from './settle-task.ts';
import { NO_STEPS, type Step, type Steps } from './step.ts';

/** Take steps, and those that follow from them, depth first: a nested fork is expanded before the next branch. */
export function takeSteps(draft: Draft, first: Steps): void {
  const waiting = [...first].toReversed();
  for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
    waiting.push(...takeStep(draft, step).toReversed());
  }
}

function takeStep(draft: Draft, step: Step): Steps {
  if (draft.run.closing !== null) return NO_STEPS;
  switch (step.type) {
    case 'enter':
      return enterTask(draft, step.ref);
    case 'enter-branch': {
      const key = dynamicKeys(draft, step.fork)[step.index];
      if (key === undefined || draft.row(key) !== null) return NO_STEPS;
      const node = dynamicNode(draft, step.fork, step.index);
      return operatorOf(node.type).enter(draft, node);
    }
    case 'judge':
      return judgeJoin(draft, step.join);
    case 'settle': {
      const row = draft.row(step.key);
      const isOpenEnd = row !== null && !row.isSettled && isTerminalTask(row.status);
      if (!isOpenEnd) return NO_STEPS;
      if (!draft.isFull) return settleTask(draft, row);
      draft.hasMore = true;
      return NO_STEPS;
    }
  }
}

/** A task that is there already was entered by an earlier decision. */
function enterTask(draft: Draft, ref: string): Steps {
  const node = draft.plan.nodes.get(ref);
  if (node === undefined) throw new Error(`the plan has no task ${ref}`);
  if (draft.row(taskKeyOf(ref)) !== null) return NO_STEPS;
  return operatorOf(node.type).enter(draft, node);
}
