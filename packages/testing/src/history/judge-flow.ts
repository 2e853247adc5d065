import { isTerminalTask, type TaskKey, taskKeyOf } from '@joinery/core';
import { type Accuse } from './check-history.ts';
import { eventsByKey, type Expectation, type RunEvidence, type TaskEvent } from './evidence.ts';
import { overlapMs } from './outage.ts';

type ByKey = ReadonlyMap<TaskKey, readonly TaskEvent[]>;

/** H9, H15, H21: what leads to what, in which order and how soon. */
export function judgeFlow(evidence: RunEvidence, expected: Expectation, accuse: Accuse): void {
  judgePauses(evidence, accuse);
  const byKey = eventsByKey(evidence.history);
  const times = new Map(evidence.history.map(({ version, at }) => [version, at]));
  for (const [ref, sources] of expected.sources ?? []) {
    const scheduled = eventsOf(byKey, ref).find(({ event }) => event.type === 'task.scheduled');
    if (scheduled === undefined) continue;
    const ends = sources.map((source) => eventsOf(byKey, source).find(isEnd)?.version ?? Infinity);
    const last = Math.max(0, ...ends);
    if (last > scheduled.version) {
      accuse(
        'H9',
        `${ref} was scheduled at version ${scheduled.version}, before its sources ended`,
      );
    } else if (expected.decides && last > 0) {
      const { withinMs, outages } = expected.decides;
      const span = { from: times.get(last) ?? 0, until: times.get(scheduled.version) ?? 0 };
      const tookMs = span.until - span.from - overlapMs(span, outages);
      if (tookMs > withinMs) accuse('H21', `${ref} was scheduled after ${tookMs} ms`);
    }
  }
}

function eventsOf(byKey: ByKey, ref: string): readonly TaskEvent[] {
  return byKey.get(taskKeyOf(ref)) ?? [];
}

function isEnd({ event }: TaskEvent): boolean {
  return (
    (event.type === 'task.completed' || event.type === 'task.decided') &&
    isTerminalTask(event.status)
  );
}

function judgePauses({ history }: RunEvidence, accuse: Accuse): void {
  let isPaused = false;
  for (const { version, event } of history) {
    if (event.type === 'run.paused') isPaused = true;
    if (event.type === 'run.resumed') isPaused = false;
    if (isPaused && event.type === 'task.scheduled') {
      accuse('H15', `${event.key} was scheduled at version ${version}, while it was paused`);
    }
  }
}
