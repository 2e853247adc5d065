import { isTerminalTask, taskKeyOf, timerOf, type TaskRow } from '@joinery/core';
import type { CompleteArgs, CompleteReply } from '../run-store.ts';
import { arrive } from './apply-commands.ts';
import { deriveAttention } from './derive-attention.ts';
import { appendEvent, isDirty, isOver, makeDirty, type MemoryRun } from './memory-run.ts';
import { findRun, type Step } from './memory-state.ts';
import { disarmTask } from './task-watch.ts';

/** Store the result of an attempt; mark the run dirty unless the result can change nothing yet. */
export function completeTask(step: Step, args: CompleteArgs): CompleteReply {
  const run = findRun(step, args.runId);
  if (run === undefined) return { type: 'gone' };
  const row = run.tasks.get(args.key);
  if (isOver(run) || row === undefined) return { type: 'stale' };
  if (row.attempt !== args.attempt || row.token !== args.token) return { type: 'stale' };
  if (isTerminalTask(row.status)) return { type: 'repeated', isDirty: isDirty(run) };
  storeResult(step, run, { row, ...args });
  deriveAttention(step, run);
  return { type: 'stored', isDirty: isDirty(run) };
}

function storeResult(step: Step, run: MemoryRun, args: CompleteArgs & { row: TaskRow }): void {
  const { row, key, attempt, token, status, reason, output, actor } = args;
  const isDone = status === 'COMPLETED';
  disarmTask(step, run, key);
  if (isDone) run.timers.delete(timerOf('total', key));
  run.data.set(`o:${key}`, output);
  const event = { type: 'task.completed', key, attempt, status, token, reason } as const;
  const version = appendEvent(run, event, { now: step.now, actor });
  if (isDone)
    for (const join of Object.keys(row.joins)) arrive(run, { join: taskKeyOf(join), key });
  const isSettled = isDone && isQuiet(run, row);
  const ended = { status, endedAt: step.now, reason, isSettled, rev: row.rev + 1 };
  run.tasks.set(key, Object.freeze({ ...row, ...ended }));
  if (isSettled) {
    run.record.open -= 1;
  } else {
    run.todo.set(key, version);
    makeDirty(run, step.now);
  }
}

/** A success after which nobody has anything to do: no successor, no join that is full, not the end of the run. */
function isQuiet(run: MemoryRun, row: TaskRow): boolean {
  const areJoinsWaiting = Object.entries(row.joins).every(
    ([join, width]) => (run.joins.get(taskKeyOf(join))?.size ?? 0) < width,
  );
  return row.isTail && areJoinsWaiting && run.record.open - 1 > 0;
}
