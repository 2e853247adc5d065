import { nodeAt } from '../plan/node-at.ts';
import type { PlanNode } from '../plan/plan.ts';
import type { TaskKey } from '../run/ids.ts';
import { isTerminalTask } from '../run/status.ts';
import { LACKING, type Draft } from './slices/draft.ts';
import { compensateNext } from './ends/compensate.ts';
import { dynamicNode } from './forks/dynamic-branches.ts';
import { closeRun } from './ends/close-run.ts';
import { judgeJoin } from './joins/judge-join.ts';
import { operatorOf } from './operator-table.ts';
import { enterSkipped, withGivenInput } from './attempts/entry-wishes.ts';
import { iterate } from './operators/do-while.ts';
import { settleTask } from './attempts/settle-task.ts';
import { slideOn } from './forks/sliding-fork.ts';
import { NO_STEPS, type Step, type Steps } from './step.ts';

/** Take steps, and those that follow from them, depth first: a nested fork is expanded before the next branch. */
export function takeSteps(draft: Draft, first: Steps): void {
  const waiting = [...first].toReversed();
  for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
    draft.waitingCount = waiting.length;
    for (const next of tryStep(draft, step).toReversed()) waiting.push(next);
  }
  draft.waitingCount = 0;
}

/**
 * A step that lacks something makes the whole decision one that asks for more. The others are taken all the same, to
 * learn what they lack: a page of nested forks asks once and not once per fork.
 */
function tryStep(draft: Draft, step: Step): Steps {
  try {
    return takeStep(draft, step);
  } catch (error) {
    if (error === LACKING) return NO_STEPS;
    throw error;
  }
}

function takeStep(draft: Draft, step: Step): Steps {
  if (draft.run.closing !== null) return NO_STEPS;
  switch (step.type) {
    case 'enter':
      return enterTask(draft, step.key);
    case 'enter-branch': {
      return enterBranch(draft, step.fork, step.index);
    }
    case 'slide':
      return slideOn(draft, step.fork);
    case 'iterate':
      return iterate(draft, step.loop, step.iteration);
    case 'compensate':
      return compensateNext(draft);
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
function enterTask(draft: Draft, key: TaskKey): Steps {
  const node = nodeAt(draft.plan, key);
  if (node === undefined) throw new Error(`the plan has no task ${key}`);
  return draft.row(key) === null ? enterNode(draft, node) : NO_STEPS;
}

/** An operator may have said beforehand what is to become of the task. */
function enterNode(draft: Draft, node: PlanNode): Steps {
  const shadow = draft.shadow(node.key);
  if (shadow?.shadow === 'skip') return enterSkipped(draft, node, shadow);
  const reached = shadow?.hasGivenInput === true ? withGivenInput(draft, node) : node;
  return operatorOf(node.type).enter(draft, reached);
}

/** A row of that name which another fork has made would never arrive at this fork's join. */
function enterBranch(draft: Draft, fork: TaskKey, index: number): Steps {
  const node = dynamicNode(draft, fork, index);
  const row = draft.row(node.key);
  if (row === null) return enterNode(draft, node);
  if (row.origin?.fork !== fork) {
    const owner = row.origin?.fork ?? 'the definition';
    closeRun(draft, 'FAILED', `fork ${fork}: a branch '${row.key}' exists already, from ${owner}`);
  }
  return NO_STEPS;
}
