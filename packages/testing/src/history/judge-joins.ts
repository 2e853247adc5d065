import { isTerminalTask, taskKeyOf } from '@joinery/core';
import { type Accuse } from './check-history.ts';
import { eventsByKey, type Expectation, type RunEvidence, type TaskEvent } from './evidence.ts';

/** H16: each join fires once, and only after the last of those that it waits for. */
export function judgeJoins(evidence: RunEvidence, expected: Expectation, accuse: Accuse): void {
  const byKey = eventsByKey(evidence.history);
  for (const [join, waitsFor] of expected.joins) {
    const fired = (byKey.get(taskKeyOf(join)) ?? []).filter(
      ({ event }) => event.type === 'join.fired',
    );
    const [first] = fired;
    if (fired.length > 1) accuse('H16', `${join} fired ${fired.length} times`);
    if (first === undefined) {
      if (evidence.run?.status === 'COMPLETED') accuse('H16', `${join} never fired`);
      continue;
    }
    for (const ref of waitsFor) {
      const end = (byKey.get(taskKeyOf(ref)) ?? []).findLast(isEnd);
      if (end === undefined || end.version > first.version) {
        accuse('H16', `${join} fired at version ${first.version}, before ${ref} had ended`);
      }
    }
    if (first.event.type === 'join.fired' && first.event.branches !== waitsFor.length) {
      accuse('H16', `${join} fired over ${first.event.branches} of ${waitsFor.length} branches`);
    }
  }
}

function isEnd({ event }: TaskEvent): boolean {
  if (event.type === 'task.completed' || event.type === 'task.decided') {
    return isTerminalTask(event.status);
  }
  return event.type === 'join.fired';
}
