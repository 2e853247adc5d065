import { isTerminalTask, type Command, type TaskRow } from '@joinery/core';
import { appendEvent, type MemoryRun } from './memory-run.ts';
import type { Step } from './memory-state.ts';
import { noteMove } from './moved-runs.ts';
import { disarmTask, postLetter } from './task-watch.ts';

type PutTask = Extract<Command, { type: 'put-task' }>;

/** Every row is still as the decision read it. Nothing is written unless this holds for all of them. */
export function arePresumptionsMet(run: MemoryRun, commands: readonly Command[]): boolean {
  return commands.every(
    (command) =>
      command.type !== 'put-task' || isAsPresumed(run.tasks.get(command.row.key), command),
  );
}

function isAsPresumed(row: TaskRow | undefined, { presumes, presumesToken }: PutTask): boolean {
  const { rev = 0, token = '' } = row ?? {};
  return rev === presumes && (presumesToken === undefined || presumesToken === token);
}

/** Apply a decision's commands in their order. Cannot fail: the presumptions were checked before. */
export function applyCommands(
  step: Step,
  run: MemoryRun,
  { commands, actor }: { readonly commands: readonly Command[]; readonly actor: string },
): void {
  const events = commands.filter(({ type }) => type === 'record').length;
  // The fence of a claim is the version to which its transition brings the run.
  const fence = run.record.version + events;
  for (const command of commands) {
    applyCommand(step, run, { command, actor });
    if (command.type === 'put-task' && command.isBegun) run.fences.set(command.row.key, fence);
  }
  // `open` of a patch is the number after all rows of the same decision.
  for (const command of commands) {
    if (command.type !== 'patch-run') continue;
    Object.assign(run.record, command.patch);
    if (command.patch.status !== undefined) noteMove(step, run);
  }
}

function applyCommand(
  step: Step,
  run: MemoryRun,
  { command, actor }: { readonly command: Command; readonly actor: string },
): void {
  switch (command.type) {
    case 'put-task':
      return putTask(step, run, command);
    case 'claim':
      return void run.watch.set(`lease:${command.key}`, step.now + command.leaseMs);
    case 'keep-attempt':
      return keepAttempt(run, command);
    case 'put-data':
      return void run.data.set(command.field, command.value);
    case 'arrive':
      return arrive(run, command);
    case 'leave':
      return leave(run, command);
    case 'arm-timer':
      return void run.timers.set(
        command.timer,
        step.now + Math.max(0, Math.round(command.delayMs)),
      );
    case 'clear-timer':
      return void run.timers.delete(command.timer);
    case 'send':
      return postLetter(step, run, command.letter);
    case 'patch-run':
      return undefined;
    case 'record':
      return void appendEvent(run, command.event, { now: step.now, actor });
  }
}

function putTask(step: Step, run: MemoryRun, command: PutTask): void {
  const { row, presumes, wasOpen } = command;
  // Nothing watches over a task that is not there.
  if (run.tasks.has(row.key)) disarmTask(step, run, row.key);
  const moments = momentsOf(step, command);
  run.tasks.set(row.key, Object.freeze({ ...row, ...moments, rev: presumes + 1 }));
  run.fences.delete(row.key);
  if (isTerminalTask(row.status) && !row.isSettled) run.todo.set(row.key, run.record.version);
  else run.todo.delete(row.key);
  run.record.open += Number(!row.isSettled) - Number(wasOpen);
}

function momentsOf({ now }: Step, { row, isFresh, isBegun }: PutTask): Partial<TaskRow> {
  const ended = {
    ...(isTerminalTask(row.status) && row.endedAt === 0 && { endedAt: now }),
    ...(isBegun && { startedAt: now }),
  };
  if (!isFresh) return ended;
  const firstScheduledAt = row.firstScheduledAt === 0 ? now : row.firstScheduledAt;
  return { ...ended, scheduledAt: now, firstScheduledAt };
}

function keepAttempt(
  run: MemoryRun,
  { key, attempt }: Extract<Command, { type: 'keep-attempt' }>,
): void {
  const row = run.tasks.get(key);
  if (row !== undefined) run.tasks.set(`${key}@${attempt}`, row);
}

/** The set counts, so that an arrival told twice counts once. */
export function arrive(
  run: MemoryRun,
  { join, key }: Pick<Extract<Command, { type: 'arrive' }>, 'join' | 'key'>,
): void {
  run.joins.set(join, (run.joins.get(join) ?? new Set()).add(key));
}

/** As if the task had never arrived; a join without arrivals is not there. */
function leave(run: MemoryRun, { join, key }: Extract<Command, { type: 'leave' }>): void {
  const keys = run.joins.get(join);
  keys?.delete(key);
  if (keys?.size === 0) run.joins.delete(join);
}
