import { isTerminalTask, type TaskKey, type TaskRow, type TaskStatus } from '@joinery/core';
import { type Accuse } from './check-history.ts';
import { eventsByKey, type Expectation, type RunEvidence, type TaskEvent } from './evidence.ts';

/** Where an attempt stands, as its events say. */
interface Attempt {
  readonly number: number;
  /** Attempts before an operator had the task begun anew: they count no longer. */
  readonly before: number;
  readonly status: TaskStatus | 'NONE';
  /** Of the last claim. */
  readonly token: string | null;
  readonly deliveries: number;
  readonly dispatch: number;
  readonly ends: number;
}

const NONE: Attempt = {
  number: 0,
  before: 0,
  status: 'NONE',
  token: null,
  deliveries: 0,
  dispatch: 0,
  ends: 0,
};

/** H2, H4 (rows), H5, H6, H7, H8: each task by its own events. */
export function judgeTasks(evidence: RunEvidence, expected: Expectation, accuse: Accuse): void {
  const byKey = eventsByKey(evidence.history);
  const current = currentRows(evidence.rows);
  for (const [key, events] of byKey) {
    const last = judgeTask(key, events, accuse);
    const attempts = last.number - last.before;
    if (attempts > expected.maxAttempts) {
      accuse('H8', `${key} had ${attempts} attempts, at most ${expected.maxAttempts} are due`);
    }
    compareRow(key, last, current.get(key), accuse);
  }
  for (const key of current.keys()) {
    if (!byKey.has(key)) accuse('H4', `${key} has a row and no history`);
  }
}

function currentRows(rows: readonly TaskRow[]): ReadonlyMap<TaskKey, TaskRow> {
  return new Map(rows.toSorted((a, b) => a.attempt - b.attempt).map((row) => [row.key, row]));
}

function judgeTask(key: TaskKey, events: readonly TaskEvent[], accuse: Accuse): Attempt {
  let attempt = NONE;
  let successes = 0;
  for (const each of events) {
    const problem = (rule: 'H2' | 'H5' | 'H6' | 'H7', what: string): void => {
      accuse(rule, `${key} at version ${each.version}: ${what}`);
    };
    const next = step(attempt, each, problem);
    if (isReset(each)) successes = 0;
    if (next.ends > attempt.ends && next.number === attempt.number) {
      if (attempt.ends > 0) problem('H6', `attempt ${attempt.number} ended again`);
      if (next.status === 'COMPLETED') successes += 1;
    } else if (next.ends > 0 && next.number > attempt.number && next.status === 'COMPLETED') {
      successes += 1;
    }
    attempt = next;
  }
  if (successes > 1) accuse('H6', `${key} completed ${successes} times`);
  return attempt;
}

/** An operator has had the task begun anew. */
function isReset({ event: { type } }: TaskEvent): boolean {
  return type === 'task.taken-back' || type === 'task.reopened';
}

type Problem = (rule: 'H2' | 'H5' | 'H6' | 'H7', what: string) => void;

function step(attempt: Attempt, { event }: TaskEvent, problem: Problem): Attempt {
  const isOpen = attempt.status === 'SCHEDULED' || attempt.status === 'IN_PROGRESS';
  if ('attempt' in event && event.type !== 'task.scheduled' && event.type !== 'task.decided') {
    if (event.attempt !== attempt.number) {
      problem('H2', `${event.type} of attempt ${event.attempt} during ${attempt.number}`);
    }
  }
  switch (event.type) {
    case 'task.scheduled':
      if (event.attempt !== attempt.number + 1 || isOpen) {
        problem('H5', `attempt ${event.attempt} scheduled after ${attempt.number}`);
      }
      return {
        ...NONE,
        number: event.attempt,
        before: attempt.before,
        status: 'SCHEDULED',
        dispatch: attempt.dispatch,
      };
    case 'task.dispatched':
      if (!isOpen) problem('H2', 'dispatched when it was not open');
      if (event.dispatch <= attempt.dispatch) problem('H2', 'dispatched under an old number');
      return { ...attempt, dispatch: event.dispatch };
    case 'task.started':
      if (!isOpen) problem('H2', 'started when it was not open');
      if (event.delivery !== attempt.deliveries + 1) problem('H2', `delivery ${event.delivery}`);
      return {
        ...attempt,
        status: 'IN_PROGRESS',
        token: event.token,
        deliveries: event.delivery,
      };
    case 'child.requested':
      if (!isOpen) problem('H2', 'a run was asked for when it was not open');
      return { ...attempt, status: 'IN_PROGRESS', token: event.runId };
    case 'task.redelivered':
      if (!isOpen) problem('H2', 'redelivered when it was not open');
      return { ...attempt, status: 'SCHEDULED', token: null, dispatch: attempt.dispatch + 1 };
    case 'task.completed':
      // Poison is claimed by the store itself, and what no worker claims has no token.
      if (event.token !== attempt.token && event.token !== '' && !isPoison(event.reason)) {
        problem('H7', `completed by ${event.token}, claimed by ${attempt.token ?? 'nobody'}`);
      }
      return ended(attempt, event.status);
    case 'task.decided':
      return ended({ ...attempt, number: Math.max(attempt.number, event.attempt) }, event.status);
    case 'join.fired':
      if (attempt.status !== 'SCHEDULED') problem('H2', 'fired when it was not waiting');
      return ended(attempt, event.status);
    case 'task.taken-back':
      return {
        ...attempt,
        before: attempt.number,
        status: isOpen ? 'CANCELED' : attempt.status,
        token: null,
        ends: 0,
      };
    case 'task.reopened':
      return { ...attempt, status: 'SCHEDULED', ends: 0 };
    case 'fork.expanded':
    case 'group.retried':
    case 'task.skip-asked':
    case 'task.updated':
      return attempt;
  }
}

function ended(attempt: Attempt, status: TaskStatus): Attempt {
  return { ...attempt, status, ends: attempt.ends + 1 };
}

function isPoison(reason: string): boolean {
  return reason.startsWith('WORKER_LOST');
}

/** Operators wait under IN_PROGRESS, and an optional task's failure is written over by the decider. */
function compareRow(key: TaskKey, last: Attempt, row: TaskRow | undefined, accuse: Accuse): void {
  if (row === undefined) {
    accuse('H4', `${key} has a history and no row`);
    return;
  }
  if (row.attempt !== last.number) {
    accuse('H4', `${key}: the row is attempt ${row.attempt}, the history ${last.number}`);
  }
  const isSame =
    row.status === last.status ||
    (row.status === 'COMPLETED_WITH_ERRORS' && row.isOptional) ||
    (row.dispatch === 0 && row.status === 'IN_PROGRESS' && last.status === 'SCHEDULED');
  if (!isSame && last.status !== 'NONE') {
    accuse('H4', `${key}: the row says ${row.status}, the history ${last.status}`);
  }
  const isEnded = last.status !== 'NONE' && isTerminalTask(last.status);
  if (isEnded && last.token !== null && row.token !== last.token && !isPoison(row.reason)) {
    accuse('H7', `${key}: the row holds ${row.token}, the last claim was ${last.token}`);
  }
}
