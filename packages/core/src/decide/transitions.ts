import type { Operation } from '../run/operation.ts';
import type { EndStatus, RunStatus, TaskStatus } from '../run/status.ts';

/** A run as operators and decisions see it: its status, `NONE` before it exists, `CLOSING` while its end is prepared. */
export type RunPhase = RunStatus | 'NONE' | 'CLOSING';

/** What may happen to a run. `look`: any decision that nobody asked for by name. */
export const RUN_EVENTS = ['start', 'look', 'pause', 'resume', 'terminate'] as const;
/** One of {@link RUN_EVENTS}. */
export type RunEvent = (typeof RUN_EVENTS)[number];

/** What one event may make of a run in one phase; `refused`: it is not legal there. */
export interface RunTransition {
  readonly from: RunPhase;
  readonly on: RunEvent;
  readonly to: readonly (RunPhase | 'refused')[];
}

const RUN_ENDS = ['COMPLETED', 'FAILED', 'TIMED_OUT', 'TERMINATED'] as const;

/** Every event that a run can meet, by phase. What is not here does not happen. */
export const RUN_TRANSITIONS: readonly RunTransition[] = [
  { from: 'NONE', on: 'start', to: ['RUNNING', 'CLOSING', 'COMPLETED', 'FAILED'] },
  { from: 'RUNNING', on: 'look', to: ['RUNNING', 'CLOSING', 'COMPLETED', 'FAILED'] },
  { from: 'RUNNING', on: 'pause', to: ['PAUSED'] },
  { from: 'RUNNING', on: 'resume', to: ['refused'] },
  { from: 'RUNNING', on: 'terminate', to: ['CLOSING'] },
  { from: 'PAUSED', on: 'look', to: ['PAUSED'] },
  { from: 'PAUSED', on: 'pause', to: ['PAUSED'] },
  { from: 'PAUSED', on: 'resume', to: ['RUNNING'] },
  { from: 'PAUSED', on: 'terminate', to: ['CLOSING'] },
  { from: 'CLOSING', on: 'look', to: ['CLOSING', ...RUN_ENDS] },
  // Whoever asks helps to close the run; what was asked for is of no use any more.
  { from: 'CLOSING', on: 'pause', to: ['CLOSING', ...RUN_ENDS] },
  { from: 'CLOSING', on: 'resume', to: ['CLOSING', ...RUN_ENDS] },
  { from: 'CLOSING', on: 'terminate', to: ['CLOSING', ...RUN_ENDS] },
  ...ended('COMPLETED'),
  ...ended('FAILED'),
  ...ended('TIMED_OUT'),
  ...ended('TERMINATED'),
];

/** Nothing changes a run that has ended; to terminate it once more is a resend. */
function ended(from: EndStatus): readonly RunTransition[] {
  return [
    { from, on: 'look', to: [from] },
    { from, on: 'pause', to: ['refused'] },
    { from, on: 'resume', to: ['refused'] },
    { from, on: 'terminate', to: [from === 'TERMINATED' ? from : 'refused'] },
  ];
}

/** What an operation does to a run, by the phases in which it is legal; in all others it is refused. */
export interface OperationRule {
  readonly on: Exclude<Operation['type'], RunEvent>;
  readonly from: readonly RunPhase[];
  /** `same`: the run goes on as it did. */
  readonly to: 'RUNNING' | 'same';
}

/** Every operation besides those of the table of runs. */
export const OPERATION_RULES: readonly OperationRule[] = [
  { on: 'skip', from: ['RUNNING', 'PAUSED'], to: 'same' },
  { on: 'set-variables', from: ['RUNNING', 'PAUSED'], to: 'same' },
  { on: 'update-task', from: ['RUNNING', 'PAUSED'], to: 'same' },
  { on: 'retry', from: ['FAILED', 'TIMED_OUT', 'TERMINATED'], to: 'RUNNING' },
  { on: 'restart', from: RUN_ENDS, to: 'RUNNING' },
  { on: 'rerun', from: RUN_ENDS, to: 'RUNNING' },
];

/** A task before it is reached, or its status. */
export type TaskPhase = TaskStatus | 'NONE';

/** What may happen to a task, and who makes it happen. */
export const TASK_EVENTS = {
  enter: 'the decider: the flow reaches it',
  dispatch: 'the decider: its delay is over, it is handed to the queues, or its run is asked for',
  claim: 'a worker takes the attempt',
  result: 'a worker, a child run, or whoever completes a WAIT, reports a result',
  wake: 'the decider: a WAIT or a loop is over, or a JOIN fires',
  'time-out': 'the decider: a timer is due',
  retry: 'the decider: the next attempt replaces it',
  forgive: 'the decider: it is optional, and failed for good',
  settle: 'the decider has acted upon its end',
  iterate: 'the decider: a loop enters its next iteration',
  expand: 'the decider: a fork enters its next page of branches',
  cancel: 'the decider: the run is closing',
} as const;
/** One of {@link TASK_EVENTS}. */
export type TaskEvent = keyof typeof TASK_EVENTS;

/** What one event may make of a task in one status. */
export interface TaskTransition {
  readonly from: TaskPhase;
  readonly on: TaskEvent;
  readonly to: readonly TaskStatus[];
  /** Needs more than a page of rows at once: tested on its own. */
  readonly isSeldom?: boolean;
}

/** Operators are over as soon as they are reached. */
const REACHED_ENDS = [
  'COMPLETED',
  'COMPLETED_WITH_ERRORS',
  'FAILED',
  'FAILED_WITH_TERMINAL_ERROR',
] as const satisfies readonly TaskStatus[];

/** Every change that a task can undergo, by status. What is not here does not happen. */
export const TASK_TRANSITIONS: readonly TaskTransition[] = [
  { from: 'NONE', on: 'enter', to: ['SCHEDULED', 'IN_PROGRESS', ...REACHED_ENDS] },
  { from: 'SCHEDULED', on: 'dispatch', to: ['SCHEDULED', 'IN_PROGRESS'] },
  { from: 'SCHEDULED', on: 'claim', to: ['IN_PROGRESS'] },
  { from: 'SCHEDULED', on: 'time-out', to: ['TIMED_OUT'] },
  { from: 'SCHEDULED', on: 'cancel', to: ['CANCELED'] },
  {
    from: 'IN_PROGRESS',
    on: 'result',
    to: ['COMPLETED', 'FAILED', 'FAILED_WITH_TERMINAL_ERROR', 'TIMED_OUT', 'CANCELED'],
  },
  {
    from: 'IN_PROGRESS',
    on: 'wake',
    to: ['COMPLETED', 'COMPLETED_WITH_ERRORS', 'FAILED', 'FAILED_WITH_TERMINAL_ERROR'],
  },
  { from: 'IN_PROGRESS', on: 'iterate', to: ['IN_PROGRESS'] },
  { from: 'IN_PROGRESS', on: 'time-out', to: ['TIMED_OUT'] },
  { from: 'IN_PROGRESS', on: 'cancel', to: ['CANCELED'] },
  // Its input may have no value this time.
  { from: 'FAILED', on: 'retry', to: ['SCHEDULED', 'IN_PROGRESS', 'FAILED_WITH_TERMINAL_ERROR'] },
  {
    from: 'TIMED_OUT',
    on: 'retry',
    to: ['SCHEDULED', 'IN_PROGRESS', 'FAILED_WITH_TERMINAL_ERROR'],
  },
  { from: 'FAILED', on: 'forgive', to: ['COMPLETED_WITH_ERRORS'] },
  { from: 'FAILED_WITH_TERMINAL_ERROR', on: 'forgive', to: ['COMPLETED_WITH_ERRORS'] },
  { from: 'TIMED_OUT', on: 'forgive', to: ['COMPLETED_WITH_ERRORS'] },
  { from: 'CANCELED', on: 'forgive', to: ['COMPLETED_WITH_ERRORS'] },
  { from: 'COMPLETED', on: 'expand', to: ['COMPLETED'] },
  { from: 'COMPLETED', on: 'settle', to: ['COMPLETED'] },
  { from: 'FAILED', on: 'settle', to: ['FAILED'] },
  { from: 'FAILED_WITH_TERMINAL_ERROR', on: 'settle', to: ['FAILED_WITH_TERMINAL_ERROR'] },
  { from: 'TIMED_OUT', on: 'settle', to: ['TIMED_OUT'] },
  { from: 'CANCELED', on: 'settle', to: ['CANCELED'] },
  // A JOIN that fires in a decision that is full already.
  {
    from: 'COMPLETED_WITH_ERRORS',
    on: 'settle',
    to: ['COMPLETED_WITH_ERRORS'],
    isSeldom: true,
  },
];
