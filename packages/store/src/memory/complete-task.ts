import {
  isTerminalRun,
  isTerminalTask,
  taskKeyOf,
  timerOf,
  type HistoryEvent,
  type TaskRow,
} from '@joinery/core';
import type { CarriedDecision, CompleteArgs, CompleteReply } from '../run-store.ts';
import { applyCommands, arePresumptionsMet, arrive } from './apply-commands.ts';
import { deriveAttention } from './derive-attention.ts';
import { appendEvent, isDirty, isOver, makeDirty, type MemoryRun } from './memory-run.ts';
import { findRun, type Step } from './memory-state.ts';
import { noteDecision, noteEnd } from './note-decision.ts';
import { disarmTask } from './task-watch.ts';

/** Store the result of an attempt with the decision that it carries, or alone when that does not fit. */
export function completeTask(step: Step, args: CompleteArgs): CompleteReply {
  const run = findRun(step, args.runId);
  if (run === undefined) return { type: 'gone' };
  const row = run.tasks.get(args.key);
  if (row === undefined || row.attempt !== args.attempt || row.token !== args.token) {
    return { type: 'stale' };
  }
  if (isTerminalTask(row.status)) return again(run, args);
  if (isOver(run)) return { type: 'stale' };
  const { carried } = args;
  if (carried !== undefined && doesFit(run, carried))
    return decide(step, run, { ...args, carried });
  storeAlone(step, run, { row, ...args });
  deriveAttention(step, run);
  return { type: 'stored', isDirty: isDirty(run) };
}

function again(run: MemoryRun, { carried }: CompleteArgs): CompleteReply {
  const { nonce, decidedVersion: version, status, lastDecidedAt: at } = run.record;
  if (carried?.nextNonce !== nonce) return { type: 'repeated', isDirty: isDirty(run) };
  return { type: 'decided', isDirty: isDirty(run), version, status, at };
}

/** Nothing has changed since that the decision was made on. */
function doesFit({ record, ...run }: MemoryRun, carried: CarriedDecision): boolean {
  const { decision, nonce, open, commands } = carried;
  return (
    record.status === 'RUNNING' &&
    record.decision === decision &&
    record.nonce === nonce &&
    (open === null || record.open === open) &&
    arePresumptionsMet({ record, ...run }, commands)
  );
}

function decide(
  step: Step,
  run: MemoryRun,
  args: CompleteArgs & { readonly carried: CarriedDecision },
): CompleteReply {
  const { key, output, actor, carried } = args;
  const { record } = run;
  run.data.set(`o:${key}`, output);
  appendEvent(run, completionOf(args), { now: step.now, actor });
  noteDecision(step, run, { nextNonce: carried.nextNonce, fence: record.fenceIssued + 1 });
  applyCommands(step, run, { commands: carried.commands, actor });
  if (carried.hasMore) makeDirty(run, step.now);
  if (isTerminalRun(record.status)) {
    noteEnd(step, run);
    run.lock = null;
  }
  record.decidedVersion = record.version;
  deriveAttention(step, run);
  const { version, status } = record;
  return { type: 'decided', isDirty: isDirty(run), version, status, at: step.now };
}

function completionOf({ key, attempt, status, token, reason }: CompleteArgs): HistoryEvent {
  return { type: 'task.completed', key, attempt, status, token, reason };
}

function storeAlone(step: Step, run: MemoryRun, args: CompleteArgs & { row: TaskRow }): void {
  const { row, key, status, reason, output, actor } = args;
  const isDone = status === 'COMPLETED';
  disarmTask(step, run, key);
  if (isDone) run.timers.delete(timerOf('total', key));
  run.data.set(`o:${key}`, output);
  const version = appendEvent(run, completionOf(args), { now: step.now, actor });
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
