import { type PlayedRun } from './judge-stage.ts';
import { readHistories } from './read-histories.ts';
import { type Stage } from './stage.ts';

/** How late a timer may be for all that, ms: ten times the second that is promised on a machine with time to spare. */
const LATE_LIMIT_MS = 10_000;

/** H17: each WAIT that was begun has ended, not before its time, and not long after it. Notes what is wrong in the log. */
export async function judgeTimers(
  { client, log }: Pick<Stage, 'client' | 'log'>,
  runs: readonly PlayedRun[],
  lateLimitMs = LATE_LIMIT_MS,
): Promise<void> {
  const histories = await readHistories(
    client.client.store,
    runs.map(({ runId }) => runId),
  );
  for (const [runId, history] of histories) {
    const dueAt = new Map<string, number>();
    for (const { at, event } of history) {
      if (event.type === 'task.scheduled' && event.taskType === 'WAIT') {
        dueAt.set(event.key, at + event.delayMs);
      } else if (event.type === 'task.decided' && dueAt.has(event.key)) {
        const lateMs = at - (dueAt.get(event.key) ?? 0);
        dueAt.delete(event.key);
        log.count('timers', 1);
        log.most('latestTimerMs', lateMs);
        if (lateMs < 0) log.problems.push(`H17 ${runId}: ${event.key} fired ${-lateMs} ms early`);
        if (lateMs > lateLimitMs) {
          log.problems.push(`H17 ${runId}: ${event.key} fired ${lateMs} ms late`);
        }
      }
    }
    for (const key of dueAt.keys()) log.problems.push(`H17 ${runId}: ${key} never fired`);
  }
}
