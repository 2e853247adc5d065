import {
  type Command,
  type DispatchLetter,
  type Json,
  type Letter,
  type TaskKey,
  timerOf,
  type TimerId,
} from '@joinery/core';
import { type Carried } from './carry-decision.ts';
import { type ClaimedTask } from './claim-task.ts';

type PutTask = Extract<Command, { type: 'put-task' }>;

/** Who goes on with what follows from a result, and with which tasks. */
export interface GoOn {
  /** Asked in the order of the letters until it says yes; that task is then claimed, if the decision is applied. */
  readonly takes: (taskType: string) => boolean;
  readonly worker: string;
  readonly leaseMs: number;
  /** Token of the next claim; unguessable. */
  readonly token: string;
}

/** A carried decision that also claims one of the tasks that it schedules. */
export interface ContinuedDecision {
  readonly carried: Carried;
  /** As the decision puts it. */
  readonly next: PutTask;
}

/**
 * Lets the worker whose result carries a decision go on with one of the tasks that it schedules: the claim rides in the
 * same step, and no job is made. A worker that dies then has a claim that ends like any other. Null: none is wanted.
 */
export function continueWith(carried: Carried, goOn: GoOn): ContinuedDecision | null {
  // What the same decision schedules and then closes is nobody's work.
  if (carried.after.closing !== null) return null;
  const letter = carried.commands
    .flatMap((command) => (command.type === 'send' ? [command.letter] : []))
    .find((each) => isFree(each) && goOn.takes(each.taskType));
  if (letter === undefined) return null;
  const { key, attempt } = letter;
  const { worker, token } = goOn;
  // The last event of the step: its version is the fence of the claim.
  const started = { type: 'task.started', key, attempt, delivery: 1, worker, token } as const;
  const commands = carried.commands.flatMap((command) => claimedAtOnce(command, key, goOn));
  commands.push({ type: 'record', event: started });
  const next = commands.find((command) => command.type === 'put-task' && command.row.key === key);
  return next?.type === 'put-task' ? { carried: { ...carried, commands }, next } : null;
}

/** An attempt that needs a place at a gate is claimed by way of its job. */
function isFree(letter: Letter): letter is DispatchLetter {
  return letter.type === 'dispatch' && letter.limits === undefined;
}

function claimedAtOnce(command: Command, key: TaskKey, goOn: GoOn): readonly Command[] {
  if (command.type === 'put-task' && command.row.key === key) return claimOf(command, goOn);
  if (command.type === 'send' && command.letter.key === key) return [];
  if (command.type === 'arm-timer' && command.timer === timerOf('poll', key)) return [];
  const isDispatched = command.type === 'record' && command.event.type === 'task.dispatched';
  return isDispatched && command.event.key === key ? [] : [command];
}

/** The row as claimed, its lease, and the timers that a claim arms. */
function claimOf(put: PutTask, { token, worker, leaseMs }: GoOn): readonly Command[] {
  const { key, timeoutMs, responseTimeoutMs } = put.row;
  const row = { ...put.row, status: 'IN_PROGRESS', token, worker, deliveries: 1 } as const;
  return [
    { ...put, row, isBegun: true },
    { type: 'claim', key, leaseMs },
    ...armed(timerOf('timeout', key), timeoutMs),
    ...armed(timerOf('response', key), responseTimeoutMs),
  ];
}

function armed(timer: TimerId, delayMs: number): readonly Command[] {
  return delayMs > 0 ? [{ type: 'arm-timer', timer, delayMs }] : [];
}

/** The task that was claimed with a decision, as its worker holds it. */
export function claimedWith(
  { carried, next }: ContinuedDecision,
  {
    version,
    at,
    aheadMs,
  }: { readonly version: number; readonly at: number; readonly aheadMs: number },
): ClaimedTask {
  const { key, token, firstScheduledAt } = next.row;
  const moments = { scheduledAt: at, startedAt: at, firstScheduledAt: firstScheduledAt || at };
  return {
    type: 'claimed',
    row: { ...next.row, ...moments, rev: next.presumes + 1 },
    input: inputOf(carried.commands, key),
    fencingToken: version,
    run: { ...carried.after, version },
    token,
    aheadMs,
  };
}

function inputOf(commands: readonly Command[], key: TaskKey): Json {
  const put = commands.find(
    (command) => command.type === 'put-data' && command.field === `i:${key}`,
  );
  return put?.type === 'put-data' ? put.value : {};
}
