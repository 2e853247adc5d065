import { isDeepStrictEqual } from 'node:util';
import {
  isTerminalTask,
  letterIdOf,
  partitionOf,
  type Command,
  type DispatchLetter,
  type RunId,
  type TaskRow,
  type TaskStatus,
} from '@joinery/core';
import {
  createKeyBuilder,
  createMemoryStore,
  createRedisStore,
  type CarriedDecision,
  type CommitArgs,
  type CompleteArgs,
  type LoadReply,
  type MemoryStore,
  type RunSnapshot,
  type RunStore,
} from '@joinery/store';
import type { Redis } from 'ioredis';
import { expect } from 'vitest';
import {
  RUN_COUNT,
  RUN_LETTERS,
  TASK_NAMES,
  type CommandSpec,
  type OneCallStep,
  type PutSpec,
  type Step,
  type TimedStep,
} from './differential-steps.ts';
import { snapshotRedisRun } from './snapshot-redis-run.ts';
import { change, enter, rowOf, runId, START_AT, startOf, taskKeyOf } from './store-fixtures.ts';

/*
 * Two stores under one clock. Every step is done to both; replies and whole states must agree after each.
 * Two things may differ, and are made equal before they are compared: the tokens that a store invents (poison), and
 * the order of what no port orders (open rows, maps).
 */

const RUN_IDS: readonly RunId[] = [runId(1, 0), runId(2, 0), runId(3, 1)].slice(0, RUN_COUNT);
/** The second run is a child of the first, the third of a run that is not there. */
const PARENTS = [undefined, RUN_IDS[0], runId(9, 1)].map((parentId) =>
  parentId === undefined ? null : { runId: parentId, key: taskKeyOf('é: d'), attempt: 2, depth: 1 },
);
const PARTITIONS = 2;
// Far above the time of a whole run: Redis ends locks by its own clock.
const LOCK_LEASE_MS = 1_000_000_000;
const PREFIX = 'jn';

/** How often a step ended how: a run of steps that never claims anything proves nothing. */
export type Tally = Map<string, number>;

/** Steps that have no business with any run but their own. */
const CHANGES_ONE: ReadonlySet<Step['type']> = new Set([
  'load',
  'commit',
  'claim',
  'complete',
  'redeliver',
  'record',
  'fail',
  'ack',
]);

type Outcome =
  | { readonly value: unknown }
  /** Which error is the store's own business. */
  | { readonly isError: true };

export class DifferentialWorld {
  readonly clock = { now: START_AT };
  private readonly twin: MemoryStore;
  private readonly redisStore: RunStore;
  private readonly redis: Redis;
  private readonly tally: Tally;
  private readonly keys = createKeyBuilder(PREFIX, PARTITIONS);
  private readonly loads = new Map<RunId, LoadReply[]>();
  private readonly commits = new Map<RunId, CommitArgs>();
  private readonly results = new Map<RunId, CompleteArgs>();
  private readonly tokens = new Map<RunId, string[]>();
  /** Tokens that the twin invented -> those that Redis' store invented at the same step. */
  private readonly invented = new Map<string, string>();
  private readonly snapshots = new Map<RunId, RunSnapshot | null>();
  private count = 0;

  constructor(redis: Redis, tally: Tally) {
    const retention = { completedMs: 20_000, otherMs: 60_000 };
    const bounds = { partitions: PARTITIONS, now: () => this.clock.now, retention };
    this.redis = redis;
    this.tally = tally;
    this.twin = createMemoryStore(bounds);
    this.redisStore = createRedisStore(redis, { ...bounds, prefix: PREFIX });
  }

  async do({ step, waitMs }: TimedStep): Promise<void> {
    this.clock.now += waitMs;
    this.snapshots.clear();
    this.count += 1;
    await this.perform(step);
    await this.compareStates(step);
  }

  private async perform(step: Step): Promise<void> {
    switch (step.type) {
      case 'start':
        return this.start(step);
      case 'load':
        return this.load(step);
      case 'commit':
        return this.commit(step);
      case 'claim':
        return this.claim(step);
      case 'complete':
        return this.complete(step);
      case 'beat':
        return this.beat(step);
      case 'redeliver':
        return this.redeliver(step);
      case 'sweep':
        return this.sweep();
      case 'purge':
        return this.purge();
      case 'views':
        return this.views();
      case 'take':
      case 'unsent':
      case 'mark-sent':
      case 'all-due':
      case 'fail':
      case 'remove':
      case 'record':
      case 'look':
      case 'ack':
      case 'settle':
        return this.callOnce(step);
    }
  }

  private async start(step: Extract<Step, { type: 'start' }>): Promise<void> {
    const id = idAt(step.run);
    const { idempotencyKey, hasMore } = step;
    // A first decision ends a run or puts a row that exists by mistake alone.
    const commands = commandsOf(step.commands, null).filter(isFirstCommand);
    const plain = startOf(id, commands, { idempotencyKey, hasMore, nonce: `s${this.count}` });
    const args = { ...plain, run: { ...plain.run, parent: PARENTS[step.run] ?? null } };
    await this.both('start', (store) => store.start(args));
  }

  private async load(step: Extract<Step, { type: 'load' }>): Promise<void> {
    const id = idAt(step.run);
    const { isForced } = step;
    const isAlone = step.lock === 'B';
    const isPatient = step.lock === '' && !isForced && step.run % 2 === 1;
    const args = {
      runId: id,
      lock: lockOf(step.lock),
      patienceMs: isPatient ? 1_000 : 0,
      isForced,
      isAlone,
      actor: 'diff:load',
    };
    const reply = await this.both('load', (store) => store.load(args));
    if (reply?.type === 'slice') this.loads.set(id, [reply, ...(this.loads.get(id) ?? [])]);
  }

  private async commit(step: Extract<Step, { type: 'commit' }>): Promise<void> {
    const id = idAt(step.run);
    const last = this.commits.get(id);
    const args = step.isResend && last !== undefined ? last : await this.newCommit(id, step);
    if (args === null) return;
    this.commits.set(id, args);
    await this.both('commit', (store, own) => store.commit(own(args)));
  }

  private async newCommit(
    id: RunId,
    step: Extract<Step, { type: 'commit' }>,
  ): Promise<CommitArgs | null> {
    if (step.madeOn === 'own load') {
      await this.load({ type: 'load', run: step.run, lock: step.lock, isForced: true });
    }
    const loaded = this.loads.get(id)?.[step.madeOn === 'load before' ? 1 : 0];
    if (loaded?.type !== 'slice') return null;
    const { hasMore, wasFull, isCalm, requestId } = step;
    const { decision, nonce, dirty } = loaded.slice.run;
    return {
      runId: id,
      decision,
      nonce,
      dirty,
      fence: step.hasOldFence ? 0 : loaded.fence,
      nextNonce: `c${this.count}`,
      hasMore,
      wasFull,
      isCalm,
      commands: commandsOf(step.commands, this.seen(id)),
      lock: lockOf(step.lock),
      requestId,
      actor: 'diff:commit',
    };
  }

  private async claim(step: Extract<Step, { type: 'claim' }>): Promise<void> {
    const id = idAt(step.run);
    const task = this.taskAt(id, step.task, 'SCHEDULED');
    const row = this.rowAt(id, task);
    const args = {
      runId: id,
      key: nameAt(task),
      attempt: (row?.attempt ?? 1) + Number(step.isOffByOne === 'attempt'),
      dispatch: (row?.dispatch ?? 1) + Number(step.isOffByOne === 'dispatch'),
      token: this.tokenOf(id, row, step.token) || `t${this.count}`,
      worker: 'w "1"',
      leaseMs: step.leaseMs,
      actor: 'diff:claim',
    };
    this.tokens.set(id, [args.token, ...(this.tokens.get(id) ?? [])]);
    await this.both('claim', (store, own) => store.claim(own(args)));
  }

  private async complete(step: Extract<Step, { type: 'complete' }>): Promise<void> {
    const id = idAt(step.run);
    const task = this.taskAt(id, step.task, 'IN_PROGRESS');
    const row = this.rowAt(id, task);
    const last = this.results.get(id);
    if (step.carried === 'resent' && last !== undefined) {
      await this.both('complete', (store, own) => store.complete(own(last)));
      return;
    }
    const args: CompleteArgs = {
      runId: id,
      key: nameAt(task),
      attempt: row?.attempt ?? 1,
      token: this.tokenOf(id, row, step.token),
      status: step.status,
      ...(row !== undefined && step.carried !== '' && { carried: this.carriedOf(id, row, step) }),
      output: { by: this.count },
      reason: step.status === 'COMPLETED' ? '' : 'böse "x"',
      actor: 'diff:complete',
    };
    this.results.set(id, args);
    await this.both('complete', (store, own) => store.complete(own(args)));
  }

  private carriedOf(
    id: RunId,
    row: TaskRow,
    step: Extract<Step, { type: 'complete' }>,
  ): CarriedDecision {
    const run = this.seen(id)?.record;
    const settled: Command = {
      type: 'put-task',
      row: { ...row, status: step.status, isSettled: true },
      presumes: row.rev,
      isFresh: false,
      wasOpen: !row.isSettled,
    };
    const others = commandsOf(step.commands, this.seen(id)).filter(
      (command) =>
        !(command.type === 'put-task' && command.row.key === row.key) &&
        !(command.type === 'keep-attempt' && command.key === row.key),
    );
    return {
      decision: (run?.decision ?? 0) + Number(step.carried === 'on an old decision'),
      nonce: run?.nonce ?? '',
      nextNonce: `r${this.count}`,
      open: step.carried === 'on another open' ? 99 : (run?.open ?? null),
      hasMore: step.hasMore,
      commands: [settled, ...(step.continues ? continued(others) : others)],
    };
  }

  private async beat(step: Extract<Step, { type: 'beat' }>): Promise<void> {
    const items = TASK_NAMES.map((name, index) => {
      const id = idAt((step.run + index) % RUN_COUNT);
      const row = this.rowAt(id, index);
      const token = this.tokenOf(id, row, step.token);
      const attempt = row?.attempt ?? 1;
      const { isProgress } = step;
      return { runId: id, key: taskKeyOf(name), attempt, token, leaseMs: 3_000, isProgress };
    });
    await this.both('beat', (store, own) => store.beat(own(items)));
  }

  private async redeliver(step: Extract<Step, { type: 'redeliver' }>): Promise<void> {
    const id = idAt(step.run);
    const task = this.taskAt(id, step.task, step.token === 'none' ? 'SCHEDULED' : 'IN_PROGRESS');
    const row = this.rowAt(id, task);
    const args = {
      runId: id,
      key: nameAt(task),
      attempt: row?.attempt ?? 1,
      dispatch: row?.dispatch ?? 1,
      token: this.tokenOf(id, row, step.token),
      repair: step.isRepair ? ('lost-job' as const) : null,
      delayMs: step.delayMs,
      ...(step.isPostponed && { output: { half: this.count } }),
      actor: 'diff:redeliver',
    };
    await this.both('redeliver', (store, own) => store.redeliver(own(args)));
  }

  /** What a sweeper does: take, look, and redeliver the claims that have ended. */
  private async sweep(): Promise<void> {
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      const taken = await this.both('take', (store) => store.take(partition, 2));
      const runIds = taken?.runIds ?? [];
      const findings = await this.both('look', (store) => store.look(partition, runIds));
      for (const { runId: id, endedClaims } of findings ?? []) {
        for (const claim of endedClaims) {
          const repair = 'claim-ended' as const;
          const args = { ...claim, runId: id, token: '', repair, delayMs: 0, actor: 'diff:sweep' };
          await this.both('redeliver', (store) => store.redeliver(args));
        }
      }
    }
  }

  private async purge(): Promise<void> {
    this.clock.now += 60_000;
    for (let partition = 0; partition < PARTITIONS; partition += 1) {
      await this.both('purge', async (store) => {
        const { purged, hasMore } = await store.purge(partition, 10);
        return { type: purged > 0 ? 'purged' : 'kept', purged, hasMore };
      });
    }
  }

  private async views(): Promise<void> {
    for (const id of RUN_IDS) {
      const rows = TASK_NAMES.map((name) => taskKeyOf(name));
      const arrivals = [taskKeyOf('j'), taskKeyOf('k')];
      const needs = { rows, data: ['o:x', 'run:input'] as const, arrivals };
      await this.both('view', (store) => store.find(id));
      await this.both('view', (store) => store.rows(id));
      await this.both('view', (store) => store.read(id, needs));
      await this.both('view', (store) => store.readWhole(id));
      await this.both('view', (store) => store.history(id, 2, 3));
      await this.both('view', async (store) => (await store.lockHolder(id))?.token);
    }
    await this.both('view', (store) => store.list(2));
    await this.both('view', async (store) => (await store.scan(0, null)).runIds.toSorted());
  }

  private async callOnce(step: OneCallStep): Promise<void> {
    const id = idAt(step.run);
    const partition = partitionOf(id);
    const letterId = `dispatch:${TASK_NAMES[0]}`;
    const actor = `diff:${step.type}`;
    const event = { type: 'repair.found', kind: 'orphan-job', key: 'a' } as const;
    const act = (store: RunStore): Promise<unknown> => {
      switch (step.type) {
        case 'take':
          return store.take(partition, 10);
        case 'unsent':
          return store.unsent(partition, 200, 3);
        case 'mark-sent':
          return store.markSent(RUN_IDS.map((each) => ({ runId: each, letterId })));
        case 'all-due':
          return store.makeAllDue();
        case 'look':
          return store.look(
            partition,
            RUN_IDS.filter((each) => partitionOf(each) === partition),
          );
        case 'ack':
          return store.acknowledge(id, RUN_LETTERS.slice(0, 2).map(letterIdOf));
        case 'settle':
          return settle(store, partition);
        case 'record':
          return store.record(id, event, actor);
        case 'remove':
          return store.remove(id);
        case 'fail':
          return store.fail({ runId: id, reason: 'cannot be decided', actor });
      }
    };
    await this.both(step.type, act);
  }

  /** The twin's snapshot; taken once for all questions of a step. */
  private seen(id: RunId): RunSnapshot | null {
    const snapshot = this.snapshots.get(id) ?? this.twin.snapshot(id);
    this.snapshots.set(id, snapshot);
    return snapshot;
  }

  private rowAt(id: RunId, task: number): TaskRow | undefined {
    return this.seen(id)?.tasks[nameAt(task)];
  }

  /** The task that is meant among those of this status, if there are any; else among all. */
  private taskAt(id: RunId, task: number, wanted: TaskStatus): number {
    const all = TASK_NAMES.map((_name, index) => index);
    const some = all.filter((index) => this.rowAt(id, index)?.status === wanted);
    const among = some.length > 0 ? some : all;
    return among[task % among.length] ?? 0;
  }

  private tokenOf(id: RunId, row: TaskRow | undefined, role: string): string {
    if (role === 'current') return row?.token ?? '';
    if (role === 'old') return this.tokens.get(id)?.[1] ?? 'never';
    return role === 'new' ? `t${this.count}` : '';
  }

  /** Do it to both; what the twin answered, unless both refuse with an error. */
  private async both<Reply>(
    verb: string,
    act: (store: RunStore, own: <T>(args: T) => T) => Promise<Reply>,
  ): Promise<Reply | undefined> {
    this.snapshots.clear();
    let reply: Reply | undefined;
    const twin = await outcomeOf(async () => {
      reply = await act(this.twin, (args) => args);
      return reply;
    });
    const redis = await outcomeOf(() => act(this.redisStore, (args) => this.asInRedis(args)));
    this.noteInvented(twin, redis);
    this.tell(verb, twin);
    expectEqual(inOrder(redis), inOrder(this.asInRedis(twin)), verb);
    return reply;
  }

  private noteInvented(twin: Outcome, redis: Outcome): void {
    const [ours, theirs] = [poisonToken(twin), poisonToken(redis)];
    if (ours !== null && theirs !== null && ours !== theirs) this.invented.set(ours, theirs);
  }

  /** The same value with the tokens that Redis' store invented. */
  private asInRedis<T>(value: T): T {
    if (this.invented.size === 0) return value;
    return mapText(value, (text) => this.invented.get(text) ?? text);
  }

  private tell(verb: string, outcome: Outcome): void {
    const name = `${verb}:${'isError' in outcome ? 'error' : typeOf(outcome.value)}`;
    this.tally.set(name, (this.tally.get(name) ?? 0) + 1);
  }

  private async compareStates(step: Step): Promise<void> {
    const touched = CHANGES_ONE.has(step.type) && 'run' in step ? [idAt(step.run)] : RUN_IDS;
    for (const id of touched) {
      const redis = await snapshotRedisRun(this.redis, this.keys, id);
      const twin = this.asInRedis(this.seen(id));
      expectEqual(redis, twin, `${id} after ${step.type}`);
    }
  }
}

/** A view comes up to date but for the last run, and then shows one that has not moved. */
async function settle(store: RunStore, partition: number): Promise<unknown> {
  const moved = await store.moved(partition, 3);
  const stale = moved.map(({ runId: id, mark }) => ({ runId: id, mark: mark + 1 }));
  const settled = [await store.settleMoved(partition, stale)];
  settled.push(await store.settleMoved(partition, moved.slice(0, 2)));
  await store.markMoved(
    partition,
    RUN_IDS.filter((id) => partitionOf(id) === partition),
  );
  return { moved, settled };
}

async function outcomeOf(act: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await act() };
  } catch {
    return { isError: true };
  }
}

function typeOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : '';
  return typeof type === 'string' ? type : '';
}

function poisonToken(outcome: Outcome): string | null {
  if ('isError' in outcome || typeOf(outcome.value) !== 'poison') return null;
  const { value } = outcome;
  const token =
    typeof value === 'object' && value !== null && 'token' in value ? value.token : null;
  return typeof token === 'string' ? token : null;
}

function mapText<T>(value: T, to: (text: string) => string): T;
function mapText(value: unknown, to: (text: string) => string): unknown {
  if (typeof value === 'string') return to(value);
  if (Array.isArray(value)) return value.map((part) => mapText(part, to));
  if (value instanceof Map) {
    return new Map([...value].map(([key, part]) => [key, mapText(part, to)]));
  }
  if (typeof value !== 'object' || value === null || value instanceof Set) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, mapText(part, to)]));
}

/** The value with its maps and sets in one order, and open rows by their keys. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (value instanceof Map) return sorted([...value].map(inOrder));
  if (value instanceof Set) return sorted([...value]);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => {
      const isPage = name === 'openPage' && typeof part === 'object' && part !== null;
      if (name === 'letters' && Array.isArray(part)) return [name, sorted(part.map(letterIdIn))];
      return [name, isPage ? { ...part, rows: sorted(part.rows) } : inOrder(part)];
    }),
  );
}

function sorted(values: readonly unknown[]): readonly unknown[] {
  return values.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

/** Letters of a run that has ended come in any order. */
function letterIdIn(found: unknown): string {
  const { letter } = Object(found);
  return letterIdOf(letter);
}

/** What an entry of a map, a member of a set or a row is found by. */
function nameOf(value: unknown): string {
  if (Array.isArray(value)) return String(value[0]);
  if (typeof value !== 'object' || value === null || !('key' in value)) return String(value);
  return String(value.key);
}

/** As `expect` has it, at a tenth of its price while they are equal. */
function expectEqual(found: unknown, wanted: unknown, what: string): void {
  if (!isDeepStrictEqual(found, wanted)) expect({ what, found }).toEqual({ what, found: wanted });
}

function idAt(index: number): RunId {
  const id = RUN_IDS[index];
  if (id === undefined) throw new Error(`there is no run ${index}`);
  return id;
}

function nameAt(task: number) {
  return taskKeyOf(TASK_NAMES[task] ?? 'a');
}

function lockOf(token: string): { token: string; leaseMs: number; overtakeAfterMs: number } | null {
  return token === '' ? null : { token, leaseMs: LOCK_LEASE_MS, overtakeAfterMs: 1_000 };
}

function isFirstCommand(command: Command): boolean {
  return command.type !== 'patch-run' || command.patch.status !== 'RUNNING';
}

/** Commands for the run as it stands, `null` = it does not exist yet. As a decision does, it puts no task twice. */
function commandsOf(specs: readonly CommandSpec[], snapshot: RunSnapshot | null): Command[] {
  const puts = new Set<number>();
  const once = specs.filter(
    (spec) => spec.type !== 'put' || (!puts.has(spec.task) && puts.add(spec.task)),
  );
  return once.flatMap((spec) => commandOf(spec, snapshot));
}

function commandOf(spec: CommandSpec, snapshot: RunSnapshot | null): readonly Command[] {
  switch (spec.type) {
    case 'put':
      return putOf(spec, snapshot?.tasks[nameAt(spec.task)]);
    case 'arrive':
    case 'leave':
      return [{ type: spec.type, join: taskKeyOf(spec.join), key: nameAt(spec.task) }];
    case 'arm':
      return [{ type: 'arm-timer', timer: spec.timer, delayMs: spec.delayMs }];
    case 'clear':
      return [{ type: 'clear-timer', timer: spec.timer }];
    case 'patch':
      return [{ type: 'patch-run', patch: spec.patch }];
    case 'data':
      return [{ type: 'put-data', field: 'o:x', value: spec.value }];
    case 'letter':
      return [{ type: 'send', letter: spec.letter }];
    case 'event':
      return [{ type: 'record', event: spec.event }];
  }
}

const SHAPES: readonly Partial<TaskRow>[] = [
  {},
  { maxDeliveries: 1 },
  { maxDeliveries: 1, isTail: true, joins: { j: 2 } },
  { maxDeliveries: 1, isTail: true, joins: { j: 2, k: 1 }, timeoutMs: 5_000 },
  { responseTimeoutMs: 4_000, pollTimeoutMs: 6_000, priority: 7 },
  { status: 'COMPLETED', origin: { fork: taskKeyOf('f'), index: 0 }, isOptional: true },
  {
    status: 'FAILED',
    shadow: 'reset',
    attemptsBefore: 2,
    groupTries: 1,
    hasGivenInput: true,
    isSettled: true,
  },
];

function putOf(spec: PutSpec, row: TaskRow | undefined): readonly Command[] {
  const name = TASK_NAMES[spec.task] ?? 'a';
  if (row === undefined) return enter(rowOf(name, { seq: spec.task + 1, ...SHAPES[spec.shape] }));
  const read = spec.isStale ? { ...row, rev: row.rev - 1 } : row;
  const reason = 'by the decider';
  switch (spec.as) {
    case 'settle':
      // Nothing is settled that has not ended.
      return [
        change(read, {
          isSettled: true,
          status: isTerminalTask(row.status) ? row.status : 'SKIPPED',
        }),
      ];
    case 'time-out':
      return [change(read, { status: 'TIMED_OUT', reason })];
    case 'cancel':
      return [change(read, { status: 'CANCELED', isSettled: true, reason })];
    case 'redispatch': {
      const dispatch = read.dispatch + 1;
      const next = { ...read, status: 'SCHEDULED', dispatch, isSettled: false } as const;
      return [change(read, next), { type: 'send', letter: letterOf(next) }];
    }
    case 'retry': {
      const keep: Command = { type: 'keep-attempt', key: row.key, attempt: row.attempt };
      const fresh = { attempt: row.attempt + 1, deliveries: 0, token: '', endedAt: 0 };
      return [keep, change(read, { ...fresh, status: 'SCHEDULED', isSettled: false }, true)];
    }
  }
}

function letterOf({ key, ref, name, attempt, dispatch, priority }: TaskRow): DispatchLetter {
  return { type: 'dispatch', key, ref, taskType: name, attempt, dispatch, priority };
}

/** The first new task is claimed by the decision that makes it. */
function continued(commands: readonly Command[]): readonly Command[] {
  const first = commands.find((command) => command.type === 'put-task' && command.isFresh);
  if (first?.type !== 'put-task') return commands;
  const { key } = first.row;
  const { shadow: _shadow, ...entered } = first.row;
  const claim = {
    status: 'IN_PROGRESS',
    token: 'goes on',
    deliveries: 1,
    isSettled: false,
  } as const;
  const row = { ...entered, ...claim };
  const others = commands.filter(
    (command) =>
      command !== first &&
      !(command.type === 'send' && command.letter.key === key) &&
      !(command.type === 'keep-attempt' && command.key === key),
  );
  return [{ ...first, row, isBegun: true }, { type: 'claim', key, leaseMs: 3_000 }, ...others];
}
