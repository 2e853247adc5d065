import {
  taskKeyOf,
  TIMER_KINDS,
  timerOf,
  type HistoryEvent,
  type Json,
  type OutcomeStatus,
  type RunLetter,
  type RunPatch,
  type TimerId,
  type TimerKind,
} from '@joinery/core';
import fc from 'fast-check';
import { runId } from './store-fixtures.ts';

/*
 * What may happen to two stores in a differential run, as plain data. A step names its task by its place and its token
 * by its role, so that most steps hit something that is there, whatever the steps before have done.
 */

/** The tasks of every run. One key has the characters that separate parts of names elsewhere. */
export const TASK_NAMES = ['a', 'b', 'c', 'é: d'] as const;

/** How many runs there are: two in one partition, one in another. */
export const RUN_COUNT = 3;

export interface PutSpec {
  readonly type: 'put';
  readonly task: number;
  /** `enter` when the task is not there, whatever is asked for. */
  readonly as: 'retry' | 'settle' | 'time-out' | 'cancel' | 'redispatch';
  readonly shape: number;
  readonly isStale: boolean;
}

export type CommandSpec =
  | PutSpec
  | { readonly type: 'arrive' | 'leave'; readonly task: number; readonly join: 'j' | 'k' }
  | { readonly type: 'arm'; readonly timer: TimerId; readonly delayMs: number }
  | { readonly type: 'clear'; readonly timer: TimerId }
  | { readonly type: 'patch'; readonly patch: RunPatch }
  | { readonly type: 'data'; readonly value: Json }
  | { readonly type: 'letter'; readonly letter: RunLetter }
  | { readonly type: 'event'; readonly event: HistoryEvent };

type TokenRole = 'current' | 'new' | 'old' | 'none';

export type Step =
  | {
      readonly type: 'start';
      readonly run: number;
      readonly commands: readonly CommandSpec[];
      readonly idempotencyKey: string;
      readonly hasMore: boolean;
    }
  | {
      readonly type: 'load';
      readonly run: number;
      readonly lock: '' | 'A' | 'B';
      readonly isForced: boolean;
    }
  | {
      readonly type: 'commit';
      readonly run: number;
      /** Made on a load of its own, or on an earlier one: others may have acted since. */
      readonly madeOn: 'own load' | 'last load' | 'load before';
      readonly hasOldFence: boolean;
      readonly commands: readonly CommandSpec[];
      readonly hasMore: boolean;
      readonly wasFull: boolean;
      readonly isCalm: boolean;
      readonly lock: '' | 'A' | 'B';
      readonly requestId: '' | 'op-1' | 'op-2';
      readonly isResend: boolean;
    }
  | {
      readonly type: 'claim';
      readonly run: number;
      readonly task: number;
      readonly token: TokenRole;
      readonly isOffByOne: '' | 'attempt' | 'dispatch';
      readonly leaseMs: number;
    }
  | {
      readonly type: 'complete';
      readonly run: number;
      readonly task: number;
      readonly token: TokenRole;
      readonly status: OutcomeStatus;
      /** Whether a decision comes with it, and whether it was made on the run as it is. */
      readonly carried: '' | 'fitting' | 'on an old decision' | 'on another open' | 'resent';
      readonly commands: readonly CommandSpec[];
      readonly hasMore: boolean;
      /** The first new task is claimed with the decision. */
      readonly continues: boolean;
    }
  | {
      readonly type: 'beat';
      readonly run: number;
      readonly token: TokenRole;
      readonly isProgress: boolean;
    }
  | {
      readonly type: 'redeliver';
      readonly run: number;
      readonly task: number;
      readonly token: TokenRole;
      readonly isRepair: boolean;
      readonly isPostponed: boolean;
      readonly delayMs: number;
    }
  | { readonly type: 'purge' | 'sweep' | 'views' }
  | OneCallStep;

/** Steps that are one call without further arguments. */
export interface OneCallStep {
  readonly type:
    | 'take'
    | 'unsent'
    | 'mark-sent'
    | 'all-due'
    | 'fail'
    | 'remove'
    | 'record'
    | 'look'
    | 'ack'
    | 'settle';
  readonly run: number;
}

const ANY_RUN = Array.from({ length: RUN_COUNT }, (_none, index) => index);
const task = fc.nat(TASK_NAMES.length - 1);
const mostly = <T>(usual: T, others: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
// Most happens to one run, so that it comes far.
const run = mostly(0, ANY_RUN.slice(1));
const token = mostly<TokenRole>('current', ['new', 'old', 'none']);
const timer = fc
  .tuple(mostly<TimerKind>('delay', TIMER_KINDS), fc.constantFrom(...TASK_NAMES))
  .map(([of, name]): TimerId => timerOf(of, taskKeyOf(name)));
const delayMs = fc.constantFrom(0, 1, 400, 2_000, 45_000);

const patch: fc.Arbitrary<RunPatch> = fc.oneof(
  // A run that has ended or closes is opened again more often than not: all else is refused meanwhile.
  mostly<RunPatch>({ status: 'RUNNING', closing: null }, [
    { status: 'PAUSED' },
    { status: 'COMPLETED', closing: null },
    { status: 'TERMINATED', reason: 'asked "for"', closing: null },
    { closing: { status: 'FAILED', reason: 'a task failed', task: taskKeyOf('a') } },
  ]),
  fc.record({
    isRootDone: fc.boolean(),
    seq: fc.nat(9),
    failedPermissive: fc.subarray([...TASK_NAMES]),
  }),
  fc.record({ open: fc.nat(4) }),
  fc.constant<RunPatch>({
    compensating: { status: 'FAILED', reason: 'é "x"', total: 2, next: 1, failed: ['a'] },
  }),
  fc.record({
    resetting: fc.constantFrom(null, { isAll: false, keys: [taskKeyOf('é: d')], isCleared: true }),
    retriedAt: fc.constantFrom(0, 1_700_000_000_000),
    planId: fc.constantFrom('p1', 'p2'),
  }),
);

/** Letters to other runs. Few, so that most that are acknowledged are there. */
export const RUN_LETTERS: readonly RunLetter[] = [
  { type: 'notify-parent', to: runId(7, 1), key: taskKeyOf('é: d'), attempt: 1 },
  { type: 'start-child', to: runId(8, 0), key: taskKeyOf('a'), attempt: 2 },
  { type: 'cancel-child', to: runId(8, 0), key: taskKeyOf('a'), attempt: 2, reason: 'né "x"' },
  {
    type: 'start-failure-run',
    to: runId(9, 1),
    key: taskKeyOf('@failure'),
    attempt: 3,
    name: 'undo',
    version: null,
    task: taskKeyOf('a'),
  },
  {
    type: 'event',
    key: taskKeyOf('a'),
    attempt: 1,
    part: '',
    sink: 'redis:é',
    payload: { list: [], none: null, map: {} },
  },
];
const letter = fc.constantFrom(...RUN_LETTERS);

const command: fc.Arbitrary<CommandSpec> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ type: fc.constant('letter' as const), letter }) },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('put' as const),
      task,
      as: fc.constantFrom<PutSpec['as']>('retry', 'settle', 'time-out', 'cancel', 'redispatch'),
      shape: fc.nat(6),
      isStale: mostly(false, [true]),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom('arrive' as const, 'arrive' as const, 'leave' as const),
      task,
      join: fc.constantFrom('j' as const, 'k' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('arm' as const), timer, delayMs }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('clear' as const), timer }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('patch' as const), patch }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('data' as const),
      value: fc.jsonValue({ maxDepth: 2 }).map((value): Json => JSON.parse(JSON.stringify(value))),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('event' as const),
      event: fc.constant<HistoryEvent>({ type: 'run.resumed', reason: 'né "x"' }),
    }),
  },
);

const commands = fc.array(command, { maxLength: 4 });
const lock = mostly<'' | 'A' | 'B'>('', ['A', 'B']);
const flag = fc.boolean();
const kind = <Type extends string>(type: Type): fc.Arbitrary<Type> => fc.constant(type);

const startOf = (index: number): fc.Arbitrary<Step> =>
  fc.record({
    type: kind('start'),
    run: fc.constant(index),
    commands: fc.array(command, { minLength: 4, maxLength: 8, size: 'max' }),
    idempotencyKey: fc.constantFrom('', '', 'k'),
    hasMore: flag,
  });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: run.chain(startOf) },
  {
    weight: 5,
    arbitrary: fc.record({ type: kind('load'), run, lock, isForced: mostly(true, [false]) }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      type: kind('commit'),
      run,
      madeOn: fc.constantFrom('own load', 'last load', 'last load', 'load before'),
      hasOldFence: mostly(false, [true]),
      commands,
      hasMore: mostly(false, [true]),
      wasFull: flag,
      isCalm: flag,
      lock,
      requestId: mostly<'' | 'op-1' | 'op-2'>('', ['op-1', 'op-2']),
      isResend: mostly(false, [true]),
    }),
  },
  {
    weight: 7,
    arbitrary: fc.record({
      type: kind('claim'),
      run,
      task,
      token: mostly<TokenRole>('new', ['current', 'old', 'none']),
      isOffByOne: mostly<'' | 'attempt' | 'dispatch'>('', ['attempt', 'dispatch']),
      leaseMs: fc.constantFrom(3_000, 60_000),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: kind('complete'),
      run,
      task,
      token,
      status: mostly<OutcomeStatus>('COMPLETED', [
        'FAILED',
        'FAILED_WITH_TERMINAL_ERROR',
        'CANCELED',
      ]),
      carried: fc.constantFrom(
        '',
        '',
        'fitting',
        'fitting',
        'on an old decision',
        'on another open',
        'resent',
      ),
      commands,
      hasMore: mostly(false, [true]),
      continues: flag,
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: kind('beat'), run, token, isProgress: flag }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: kind('redeliver'),
      run,
      task,
      token: fc.constantFrom<TokenRole>('current', 'none', 'none', 'old'),
      isRepair: flag,
      isPostponed: flag,
      delayMs: fc.constantFrom(0, 700),
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: kind('sweep') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom(
        ...([
          'take',
          'unsent',
          'mark-sent',
          'all-due',
          'record',
          'look',
          'look',
          'ack',
          'settle',
        ] as const),
      ),
      run,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constantFrom('views', 'purge') }),
  },
  { weight: 1, arbitrary: fc.record({ type: kind('remove'), run: fc.nat(RUN_COUNT - 1) }) },
  { weight: 1, arbitrary: fc.record({ type: kind('fail'), run: fc.nat(RUN_COUNT - 1) }) },
);

const waitMs = mostly(0, [1, 200, 500, 1_000, 2_000, 3_000, 12_000, 60_000]);
const timed = (of: fc.Arbitrary<Step>): fc.Arbitrary<TimedStep> => fc.record({ step: of, waitMs });

/** The start of two runs, then about `count` steps, each some time after the one before. */
export const timedSteps = (count: number): fc.Arbitrary<readonly TimedStep[]> =>
  fc
    .tuple(
      fc.tuple(...[0, 1].map((index) => timed(startOf(index)))),
      fc.array(timed(step), { minLength: 1, maxLength: 2 * count, size: 'max' }),
    )
    .map(([starts, steps]) => starts.concat(steps));

/** A step, and how long after the one before it happens. */
export interface TimedStep {
  readonly step: Step;
  readonly waitMs: number;
}
