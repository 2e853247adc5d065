import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  letterIdOf,
  type Command,
  type NotifyParentLetter,
  type RunId,
  type RunLetter,
} from '@joinery/core';
import type {
  CarriedDecision,
  ClaimReply,
  CompleteArgs,
  RedeliverArgs,
  RunStore,
} from '@joinery/store';
import {
  change,
  claimOf,
  decideWith,
  decisionOn,
  enter,
  letterFor,
  rowOf,
  runId,
  START_AT,
  startOf,
  storedRow,
  taskKeyOf,
  type StoreUnderTest,
} from './store-fixtures.ts';

const id = runId(1);
const a = taskKeyOf('a');

/** What every run store does. */
export function describeStore(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`${name} as a run store`, () => {
    let tested: StoreUnderTest;
    beforeEach(async () => {
      tested = await make();
    });
    afterEach(() => tested.close());
    const at: At = () => tested;
    describe('start', () => {
      startBehaviour(at);
    });
    describe('load', () => {
      loadBehaviour(at);
    });
    describe('commit', () => {
      commitBehaviour(at);
    });
    describe('claim', () => {
      claimBehaviour(at);
    });
    describe('complete', () => {
      completeBehaviour(at);
    });
    describe('beat and redeliver', () => {
      redeliverBehaviour(at);
    });
    describe('take and look', () => {
      lookBehaviour(at);
    });
    describe('letters', () => {
      letterBehaviour(at);
    });
    describe('letters to other runs', () => {
      runLetterBehaviour(at);
    });
    describe('ends', () => {
      endBehaviour(at);
    });
    describe('views', () => {
      viewBehaviour(at);
    });
  });
}

type At = () => { readonly store: RunStore; readonly clock: { now: number } };

function startBehaviour(at: At): void {
  test('a started run holds its first decision, its payloads and its moment', async () => {
    const { store } = at();
    const started = { type: 'run.started', definition: 'wf', version: 1 } as const;
    const commands: readonly Command[] = [...enter(rowOf('a')), { type: 'record', event: started }];
    expect(await store.start(startOf(id, commands))).toEqual({ type: 'started', runId: id });
    expect(await store.find(id)).toMatchObject({
      status: 'RUNNING',
      version: 1,
      decision: 1,
      nonce: 'n1',
      open: 1,
      attempt: 1,
      createdAt: START_AT,
      lastActor: 'test:start',
    });
    expect(await storedRow(store, id, 'a')).toEqual(
      rowOf('a', { rev: 1, scheduledAt: START_AT, firstScheduledAt: START_AT }),
    );
    expect(await store.payload(id, 'run:input')).toEqual({ order: 7 });
    expect(await store.payload(id, `i:${a}`)).toEqual({ of: 'a' });
    expect(await store.history(id, 1, 10)).toEqual([
      { version: 1, at: START_AT, actor: 'test:start', event: started },
    ]);
    expect(await store.attention(id)).toEqual({ runId: id, dueAt: START_AT + 2_000 });
  });

  test('a repeated start of the same run changes nothing', async () => {
    const { store } = at();
    await store.start(startOf(id, enter(rowOf('a')), { idempotencyKey: 'k' }));
    const again = startOf(id, enter(rowOf('b')), { idempotencyKey: 'k' });
    expect(await store.start(again)).toEqual({ type: 'started', runId: id });
    expect((await store.rows(id)).map(({ ref }) => ref)).toEqual(['a']);
  });

  test('a second start with the same idempotency key finds the first run', async () => {
    const { store } = at();
    await store.start(startOf(id, [], { idempotencyKey: 'k' }));
    expect(await store.start(startOf(runId(2), [], { idempotencyKey: 'k' }))).toEqual({
      type: 'exists',
      runId: id,
      status: 'RUNNING',
    });
    expect(await store.find(runId(2))).toBeNull();
    const other = startOf(runId(3), [], { idempotencyKey: 'other' });
    expect(await store.start(other)).toEqual({ type: 'started', runId: runId(3) });
  });

  test('a run whose first decision has more to do is dirty from the start', async () => {
    const { store } = at();
    await store.start(startOf(id, [], { hasMore: true }));
    expect(await store.attention(id)).toEqual({ runId: id, dueAt: START_AT + 500 });
    expect((await store.load(loadOf())).type).toBe('slice');
  });
}

function loadOf(isForced = false, token = ''): Parameters<RunStore['load']>[0] {
  const lock = token === '' ? null : { token, leaseMs: 60_000, overtakeAfterMs: 1_000 };
  return { runId: id, lock, isForced, actor: 'test:load' };
}

function loadBehaviour(at: At): void {
  test('a run that is not there is gone, and a run with nothing to do is clean', async () => {
    const { store } = at();
    expect(await store.load(loadOf())).toEqual({ type: 'gone' });
    await store.start(startOf(id));
    expect(await store.load(loadOf())).toEqual({ type: 'clean', status: 'RUNNING' });
  });

  test('a slice brings the to-do rows in the order of their ends, under growing fences', async () => {
    const { store } = at();
    await store.start(startOf(id, [...enter(rowOf('b')), ...enter(rowOf('a'))]));
    await finish(store, 'b');
    await finish(store, 'a');
    const first = await store.load(loadOf());
    const second = await store.load(loadOf());
    expect(first).toMatchObject({ type: 'slice', fence: 1, loads: 1, hasLock: false });
    expect(second).toMatchObject({ type: 'slice', fence: 2, loads: 2 });
    if (first.type !== 'slice') return;
    expect(first.slice.todo).toEqual(['b', 'a']);
    expect(first.slice.hasMoreTodo).toBe(false);
    expect([...first.slice.rows.keys()].toSorted()).toEqual(['a', 'b']);
    expect(first.slice.rows.get(a)).toMatchObject({ status: 'COMPLETED', isSettled: false });
  });

  test('loads without a commit count, and from the third on only those made alone', async () => {
    const { store } = at();
    await store.start(startOf(id, [...enter(rowOf('a'))]));
    await finish(store, 'a');
    for (const loads of [1, 2, 3, 3]) expect(await store.load(loadOf())).toMatchObject({ loads });
    const alone = { ...loadOf(), isAlone: true };
    for (const loads of [4, 5]) expect(await store.load(alone)).toMatchObject({ loads });
    expect(await store.load(loadOf())).toMatchObject({ loads: 5, fence: 7 });
  });

  test('a due timer is loaded with its row, but not while the run is paused', async () => {
    const { store, clock } = at();
    const arm: Command = { type: 'arm-timer', timer: 'wait:a', delayMs: 5_000 };
    await store.start(startOf(id, [...enter(rowOf('a')), arm]));
    clock.now += 4_999;
    expect((await store.load(loadOf())).type).toBe('clean');
    clock.now += 1;
    expect(await store.load(loadOf())).toMatchObject({ slice: { due: ['wait:a'], at: clock.now } });
    await decideWith(store, id, [{ type: 'patch-run', patch: { status: 'PAUSED' } }]);
    expect(await store.load(loadOf())).toEqual({ type: 'clean', status: 'PAUSED' });
  });

  test('a closing run is loaded with its open rows until it has ended', async () => {
    const { store } = at();
    const closing = { status: 'TERMINATED', reason: 'enough', task: a, isWanted: true } as const;
    await store.start(
      startOf(id, [
        ...enter(rowOf('a')),
        ...enter(rowOf('b', { status: 'COMPLETED', isSettled: true })),
        { type: 'patch-run', patch: { closing } },
      ]),
    );
    const loaded = await store.load(loadOf());
    if (loaded.type !== 'slice') throw new Error(loaded.type);
    expect(loaded.slice.openPage?.rows.map(({ key }) => key)).toEqual(['a']);
    expect(loaded.slice.openPage?.hasMore).toBe(false);
    // A decision presumes the revision of what it cancels, so it must have read the row.
    expect(loaded.slice.rows.get(a)?.rev).toBe(1);
    expect(loaded.slice.run.closing).toEqual(closing);
  });

  test('the lock keeps others out until the run has waited too long for it', async () => {
    const { store, clock } = at();
    await store.start(startOf(id, [], { hasMore: true }));
    expect(await store.load(loadOf(false, 'mine'))).toMatchObject({ hasLock: true });
    expect(await store.load(loadOf(false, 'mine'))).toMatchObject({ hasLock: true });
    expect(await store.lockHolder(id)).toMatchObject({ token: 'mine' });
    clock.now += 1_000;
    expect(await store.load(loadOf(false, 'other'))).toEqual({ type: 'busy', waitedMs: 1_000 });
    clock.now += 1;
    expect(await store.load(loadOf(false, 'other'))).toMatchObject({ hasLock: false });
    expect(await store.lockHolder(id)).toMatchObject({ token: 'mine' });
  });

  test('without a lock a run may be left to others until it has waited for long', async () => {
    const { store, clock } = at();
    await store.start(startOf(id, [], { hasMore: true }));
    clock.now += 1_000;
    const load = { ...loadOf(), patienceMs: 1_000 };
    expect(await store.load(load)).toEqual({ type: 'busy', waitedMs: 1_000 });
    expect(await store.load(loadOf())).toMatchObject({ type: 'slice', hasLock: false });
    clock.now += 1;
    expect(await store.load(load)).toMatchObject({ type: 'slice', hasLock: false });
    expect(await store.lockHolder(id)).toBeNull();
  });
}

async function finish(
  store: RunStore,
  name: string,
  changes: Partial<CompleteArgs> = {},
): Promise<Awaited<ReturnType<RunStore['complete']>>> {
  const key = taskKeyOf(name);
  const token = `t-${name}`;
  await store.claim(claimOf(id, name, token));
  return store.complete({
    runId: id,
    key,
    attempt: 1,
    token,
    status: 'COMPLETED',
    output: { done: name },
    reason: '',
    actor: 'test:complete',
    ...changes,
  });
}

function commitBehaviour(at: At): void {
  test('a commit is applied once and repeats its reply', async () => {
    const { store } = at();
    await store.start(startOf(id));
    const event = { type: 'run.resumed', reason: 'once' } as const;
    const args = await decisionOn(store, id, [{ type: 'record', event }]);
    expect(await store.commit(args)).toEqual({
      type: 'committed',
      version: 1,
      status: 'RUNNING',
      isDirty: false,
    });
    expect(await store.commit(args)).toEqual({
      type: 'repeated',
      status: 'RUNNING',
      isDirty: false,
    });
    expect(await store.history(id, 1, 10)).toHaveLength(1);
  });

  test('an operation is applied once, whichever decision carries it', async () => {
    const { store } = at();
    await store.start(startOf(id));
    expect(await decideWith(store, id, [], { requestId: 'op-1' })).toMatchObject({
      type: 'committed',
    });
    expect(await decideWith(store, id, [], { requestId: 'op-1' })).toMatchObject({
      type: 'repeated',
    });
    expect(await store.find(id)).toMatchObject({ decision: 2 });
  });

  test('a commit is refused after another decision, an older fence or a changed row', async () => {
    const { store } = at();
    await store.start(startOf(id, enter(rowOf('a'))));
    const row = await storedRow(store, id, 'a');
    const args = await decisionOn(store, id, [change(row, { priority: 9 })]);
    expect(await store.commit({ ...args, nonce: 'x' })).toEqual({
      type: 'refused',
      by: 'decision',
    });
    expect(await store.commit({ ...args, decision: 2 })).toEqual({
      type: 'refused',
      by: 'decision',
    });
    expect(await store.commit({ ...args, fence: 0 })).toEqual({ type: 'refused', by: 'fence' });
    await store.claim(claimOf(id, 'a', 't1'));
    expect(await store.commit(args)).toEqual({ type: 'refused', by: 'task' });
    const changed = change(await storedRow(store, id, 'a'), { priority: 9 });
    const held = await decisionOn(store, id, [changed]);
    const holding = (presumesToken: string): Command[] =>
      changed.type === 'put-task' ? [{ ...changed, presumesToken }] : [];
    const ofLost = { ...held, commands: holding('lost') };
    expect(await store.commit(ofLost)).toEqual({ type: 'refused', by: 'task' });
    expect(await store.find(id)).toMatchObject({ decision: 1, fence: 0, open: 1 });
    expect((await storedRow(store, id, 'a')).priority).toBe(0);
    const ofHolder = { ...held, commands: holding('t1') };
    expect(await store.commit(ofHolder)).toMatchObject({ type: 'committed' });
    expect(await store.commit({ ...args, runId: runId(9) })).toEqual({ type: 'gone' });
  });

  test('a refused decision writes none of its commands, also those before the refused one', async () => {
    const { store } = at();
    await store.start(startOf(id, enter(rowOf('a'))));
    const stale = { ...(await storedRow(store, id, 'a')), rev: 7 };
    const commands: readonly Command[] = [...enter(rowOf('b')), change(stale, {})];
    expect(await decideWith(store, id, commands)).toEqual({ type: 'refused', by: 'task' });
    expect((await store.rows(id)).map(({ ref }) => ref)).toEqual(['a']);
    expect(await store.payload(id, 'i:b')).toBeNull();
  });

  test('a fence that was issued before writes were lost is not issued again', async () => {
    const { store } = at();
    await store.start(startOf(id, [...enter(rowOf('a'))]));
    expect(await decideWith(store, id, [], { fence: 7 })).toMatchObject({ type: 'committed' });
    await finish(store, 'a');
    expect(await store.load(loadOf())).toMatchObject({ fence: 8 });
  });

  test('an arrival between load and commit keeps the run dirty', async () => {
    const { store } = at();
    await store.start(startOf(id, [...enter(rowOf('a')), ...enter(rowOf('b'))]));
    await finish(store, 'a');
    const args = await decisionOn(store, id, []);
    await finish(store, 'b');
    expect(await store.commit(args)).toMatchObject({ type: 'committed', isDirty: true });
    expect(await decideWith(store, id, [])).toMatchObject({ type: 'committed', isDirty: false });
  });

  test('a decision with more to do leaves the run dirty, even when a timer alone woke it', async () => {
    const { store } = at();
    await store.start(startOf(id));
    expect(await decideWith(store, id, [], { hasMore: true })).toMatchObject({ isDirty: true });
    expect((await store.load(loadOf())).type).toBe('slice');
  });

  test('the lock is given back with the commit, or kept while the run is dirty', async () => {
    const { store } = at();
    const lock = { token: 'mine', leaseMs: 60_000, overtakeAfterMs: 1_000 };
    await store.start(startOf(id, [], { hasMore: true }));
    await store.load(loadOf(false, 'mine'));
    await decideWith(store, id, [], { lock, hasMore: true });
    expect(await store.lockHolder(id)).toMatchObject({ token: 'mine' });
    await decideWith(store, id, [], { lock: { ...lock, token: 'other' } });
    expect(await store.lockHolder(id)).toMatchObject({ token: 'mine' });
    await decideWith(store, id, [], { lock });
    expect(await store.lockHolder(id)).toBeNull();
  });

  test('a put row loses its timers but the total one, its lease and its letter', async () => {
    const { store } = at();
    await store.start(
      startOf(id, [
        ...enter(rowOf('a', { responseTimeoutMs: 50_000 })),
        { type: 'arm-timer', timer: 'total:a', delayMs: 90_000 },
      ]),
    );
    await store.claim(claimOf(id, 'a', 't1'));
    const claimed = await store.readWhole(id);
    expect(claimed?.whole?.timers).toEqual(new Set(['response:a', 'total:a']));
    expect(claimed?.whole?.leases).toEqual(new Set(['a']));
    const row = await storedRow(store, id, 'a');
    await decideWith(store, id, [change(row, { status: 'TIMED_OUT' })]);
    const ended = await store.readWhole(id);
    expect(ended?.whole).toEqual({
      timers: new Set(['total:a']),
      leases: new Set(),
      checks: new Set(),
    });
    expect(ended?.rows.get(a)?.endedAt).toBe(START_AT);
  });

  test('a terminal row stays on the to-do list until it is settled or retried', async () => {
    const { store } = at();
    await store.start(startOf(id, [...enter(rowOf('a')), ...enter(rowOf('b'))]));
    await finish(store, 'a', { status: 'FAILED' });
    await finish(store, 'b');
    const retry = { status: 'SCHEDULED', attempt: 2, token: '', dispatch: 2 } as const;
    const keep: Command = { type: 'keep-attempt', key: a, attempt: 1 };
    const retried = change(await storedRow(store, id, 'a'), retry, true);
    await decideWith(store, id, [keep, retried]);
    const settled = change(await storedRow(store, id, 'b'), { isSettled: true });
    expect(await store.load(loadOf(true))).toMatchObject({ slice: { todo: ['b'] } });
    await decideWith(store, id, [settled]);
    expect(await store.load(loadOf(true))).toMatchObject({ slice: { todo: [] } });
    const rows = (await store.rows(id)).filter(({ key }) => key === a);
    const attempts = new Map(rows.map(({ attempt, status }) => [attempt, status]));
    expect(attempts).toEqual(
      new Map([
        [1, 'FAILED'],
        [2, 'SCHEDULED'],
      ]),
    );
    expect(await store.find(id)).toMatchObject({ open: 1 });
  });

  test('a full evaluation sets the number of open tasks and clears its flag', async () => {
    const { store, clock } = at();
    await store.start(startOf(id, enter(rowOf('a'))));
    clock.now += 60_000;
    await store.look(0, [id]);
    expect(await store.load(loadOf())).toMatchObject({ isFullDue: true });
    await decideWith(store, id, [{ type: 'patch-run', patch: { open: 4 } }], { wasFull: true });
    expect(await store.find(id)).toMatchObject({ open: 4 });
    expect((await store.load(loadOf())).type).toBe('clean');
  });

  test('an arrival told twice counts once', async () => {
    const { store } = at();
    const arrive: Command = { type: 'arrive', join: taskKeyOf('j'), key: a };
    await store.start(startOf(id, [arrive, arrive]));
    await decideWith(store, id, [arrive, { ...arrive, key: taskKeyOf('b') }]);
    const read = await store.read(id, { rows: [], data: [], arrivals: [taskKeyOf('j')] });
    expect(read?.arrivals.get(taskKeyOf('j'))).toBe(2);
    expect((await store.readWhole(id))?.arrivals).toEqual(new Map([['j', 2]]));
  });

  test('an arrival can be taken back, once, and is new when it comes again', async () => {
    const { store } = at();
    const arrive: Command = { type: 'arrive', join: taskKeyOf('j'), key: a };
    const leave: Command = { ...arrive, type: 'leave' };
    const counted = async () => (await store.readWhole(id))?.arrivals;
    await store.start(startOf(id, [arrive, { ...arrive, key: taskKeyOf('b') }]));
    await decideWith(store, id, [leave, leave, { ...leave, key: taskKeyOf('c') }]);
    expect(await counted()).toEqual(new Map([['j', 1]]));
    await decideWith(store, id, [{ ...leave, key: taskKeyOf('b') }]);
    expect(await counted()).toEqual(new Map());
    await decideWith(store, id, [arrive]);
    expect(await counted()).toEqual(new Map([['j', 1]]));
  });

  test('a run that is opened again is in attention, and is not purged', async () => {
    const { store, clock } = at();
    await store.start(startOf(id, [{ type: 'patch-run', patch: { status: 'FAILED' } }]));
    expect(await store.attention(id)).toBeNull();
    const reset = { isAll: false, keys: [a], isCleared: false };
    const patch = { status: 'RUNNING', resetting: reset, retriedAt: 5, planId: 'p2' } as const;
    await decideWith(store, id, [{ type: 'patch-run', patch }]);
    expect(await store.find(id)).toMatchObject({ ...patch, endedAt: 0 });
    expect(await store.attention(id)).not.toBeNull();
    clock.now += 40 * 24 * 3_600_000;
    expect(await store.purge(0, 10)).toEqual({ purged: 0, hasMore: false });
  });
}

/** The record is told as it is at each call. */
function withoutRun(reply: ClaimReply): unknown {
  return reply.type === 'claimed' ? { ...reply, run: null } : reply;
}

function claimBehaviour(at: At): void {
  test('a task whose worker wants to be asked again keeps its output, and its deliveries do not count', async () => {
    const { store } = at();
    await store.start(startOf(id, enter(rowOf('a', { maxDeliveries: 1 }))));
    for (const dispatch of [1, 2, 3]) {
      const token = `t${dispatch}`;
      const claim = { ...claimOf(id, 'a', token), dispatch };
      expect(await store.claim(claim)).toMatchObject({ type: 'claimed' });
      const { runId: run, key, attempt, actor } = claim;
      const back = { runId: run, key, attempt, dispatch, token, repair: null, delayMs: 0, actor };
      const big = 'x'.repeat(40_000);
      const reply = await store.redeliver({ ...back, output: { dispatch, big } });
      expect(reply).toMatchObject({ type: 'redelivered', letter: { dispatch: dispatch + 1 } });
      expect(await store.payload(id, 'o:a')).toEqual({ dispatch, big });
    }
    const row = await storedRow(store, id, 'a');
    expect(row).toMatchObject({ status: 'SCHEDULED', deliveries: 3, maxDeliveries: 4 });
  });

  test('a claim takes the attempt, arms its time-outs and confirms the dispatch', async () => {
    const { store, clock } = at();
    const row = rowOf('a', { timeoutMs: 9_000, responseTimeoutMs: 8_000, pollTimeoutMs: 7_000 });
    await store.start(
      startOf(id, [...enter(row), { type: 'arm-timer', timer: 'poll:a', delayMs: 7_000 }]),
    );
    clock.now += 10;
    const reply = await store.claim(claimOf(id, 'a', 't1'));
    expect(reply).toMatchObject({
      type: 'claimed',
      input: { of: 'a' },
      run: {
        definition: 'wf',
        planId: 'plan',
        traceId: 'trace',
        domains: { a: 'eu' },
        open: 1,
      },
      fencingToken: 1,
      row: { status: 'IN_PROGRESS', token: 't1', worker: 'w-t1', deliveries: 1, rev: 2 },
    });
    expect((await store.readWhole(id))?.whole).toEqual({
      timers: new Set(['timeout:a', 'response:a']),
      leases: new Set(['a']),
      checks: new Set(),
    });
    expect(await store.unsent(0, 0, 10)).toEqual([]);
    expect(await store.attention(id)).toEqual({ runId: id, dueAt: clock.now + 3_000 });
  });

  test('a repeated claim is answered as the first, however much has happened since', async () => {
    const { store } = at();
    await store.start(startOf(id, [...enter(rowOf('a')), ...enter(rowOf('b'))]));
    const first = await store.claim(claimOf(id, 'a', 't1'));
    await finish(store, 'b');
    const again = await store.claim(claimOf(id, 'a', 't1'));
    expect(withoutRun(again)).toEqual(withoutRun(first));
  });

  test('a claim is held, stale, early or gone when it may not be made', async () => {
    const { store } = at();
    const delay: Command = { type: 'arm-timer', timer: 'delay:b', delayMs: 400 };
    await store.start(startOf(id, [...enter(rowOf('a')), ...enter(rowOf('b')), delay]));
    await store.claim(claimOf(id, 'a', 't1'));
    const claim = (name: string, changes: object): Promise<object> =>
      store.claim(claimOf(id, name, 't2', changes));
    expect(await claim('a', {})).toEqual({ type: 'held', worker: 'w-t1' });
    expect(await claim('a', { attempt: 2 })).toEqual({ type: 'stale' });
    expect(await claim('b', { dispatch: 2 })).toEqual({ type: 'stale' });
    expect(await claim('b', {})).toEqual({ type: 'early', waitMs: 400 });
    expect(await claim('nobody', {})).toEqual({ type: 'stale' });
    expect(await claim('a', { runId: runId(9) })).toEqual({ type: 'gone' });
  });

  test('a claim whose lease has ended is taken over, and a run that closes is not worked on', async () => {
    const { store, clock } = at();
    await store.start(startOf(id, [...enter(rowOf('a')), ...enter(rowOf('b'))]));
    await store.claim(claimOf(id, 'a', 't1'));
    clock.now += 3_000;
    expect(await store.claim(claimOf(id, 'a', 't2'))).toMatchObject({ type: 'claimed' });
    const closing = { status: 'FAILED', reason: 'x' } as const;
    await decideWith(store, id, [{ type: 'patch-run', patch: { closing } }]);
    expect(await store.claim(claimOf(id, 'b', 't3'))).toEqual({ type: 'stale' });
    expect(await finish(store, 'b')).toEqual({ type: 'stale' });
  });

  test('an attempt delivered too often is poison, also for a claim sent twice', async () => {
    const { store, clock } = at();
    await store.start(startOf(id, enter(rowOf('a', { maxDeliveries: 1 }))));
    await store.claim(claimOf(id, 'a', 't1'));
    clock.now += 3_000;
    const poison = { type: 'poison', token: 't2', deliveries: 1 };
    expect(await store.claim(claimOf(id, 'a', 't2'))).toEqual(poison);
    expect(await store.claim(claimOf(id, 'a', 't2'))).toEqual(poison);
    const lost = { token: 't2', status: 'FAILED_WITH_TERMINAL_ERROR', reason: 'lost' } as const;
    expect(await finish(store, 'a', lost)).toEqual({ type: 'stored', isDirty: true });
  });
}

/** What follows from the success of a claimed task: it is settled, and the next one is claimed at once. */
async function carriedBy(store: RunStore, name: string, next = 'b'): Promise<CarriedDecision> {
  await store.claim(claimOf(id, name, `t-${name}`));
  const run = await store.find(id);
  const row = await storedRow(store, id, name);
  const begun = { status: 'IN_PROGRESS', token: `t-${next}`, deliveries: 1, worker: 'w' } as const;
  const first = { type: 'put-task', presumes: 0, isFresh: true, wasOpen: false } as const;
  const event = { type: 'run.resumed', reason: '' } as const;
  return {
    decision: run?.decision ?? 0,
    nonce: run?.nonce ?? '',
    nextNonce: 'next',
    open: null,
    hasMore: false,
    commands: [
      change(row, { status: 'COMPLETED', isSettled: true }),
      { ...first, row: rowOf(next, { ...begun, dispatch: 1 }), isBegun: true },
      { type: 'claim', key: taskKeyOf(next), leaseMs: 3_000 },
      { type: 'record', event },
      { type: 'record', event },
    ],
  };
}

function completeBehaviour(at: At): void {
  test('a result is stored once; the resend is told so and a stranger is not heard', async () => {
    const { store } = at();
    await store.start(startOf(id, enter(rowOf('a'))));
    expect(await finish(store, 'a')).toEqual({ type: 'stored', isDirty: true });
    expect(await finish(store, 'a')).toEqual({ type: 'repeated', isDirty: true });
    expect(await finish(store, 'a', { token: 'other' })).toEqual({ type: 'stale' });
    expect(await finish(store, 'a', { attempt: 2 })).toEqual({ type: 'stale' });
    expect(await finish(store, 'a', { runId: runId(9) })).toEqual({ type: 'gone' });
    expect(await store.payload(id, `o:${a}`)).toEqual({ done: 'a' });
    expect(await store.history(id, 2, 10)).toMatchObject([
      { version: 2, event: { type: 'task.completed', status: 'COMPLETED', token: 't-a' } },
    ]);
  });

  test('a join that still waits makes no work; the arrival that fills it does', async () => {
    const { store } = at();
    const branch = { isTail: true, joins: { j: 2 } };
    await store.start(
      startOf(id, [
        ...enter(rowOf('a', branch)),
        ...enter(rowOf('b', branch)),
        ...enter(rowOf('j', { type: 'JOIN' })),
      ]),
    );
    expect(await finish(store, 'a')).toEqual({ type: 'stored', isDirty: false });
    expect(await storedRow(store, id, 'a')).toMatchObject({ isSettled: true });
    expect(await store.find(id)).toMatchObject({ open: 2, dirty: 0 });
    expect(await finish(store, 'b')).toEqual({ type: 'stored', isDirty: true });
    expect(await store.load(loadOf())).toMatchObject({ slice: { todo: ['b'] } });
  });

  test('the last open task, a failure and a task with a successor always make work', async () => {
    const { store } = at();
    const tail = { isTail: true, joins: { j: 9 } };
    const rows = [rowOf('a', tail), rowOf('b'), rowOf('c', tail)];
    await store.start(startOf(id, rows.flatMap(enter)));
    expect(await finish(store, 'a', { status: 'FAILED', reason: 'x'.repeat(900) })).toMatchObject({
      isDirty: true,
    });
    expect((await storedRow(store, id, 'a')).reason).toHaveLength(500);
    await decideWith(store, id, [change(await storedRow(store, id, 'a'), { isSettled: true })]);
    expect(await finish(store, 'b')).toMatchObject({ isDirty: true });
    await decideWith(store, id, [change(await storedRow(store, id, 'b'), { isSettled: true })]);
    expect(await finish(store, 'c')).toMatchObject({ isDirty: true });
  });

  test('a carried decision is applied with the result, and a resend is told so', async () => {
    const { store } = at();
    await store.start(startOf(id, enter(rowOf('a'))));
    const carried = await carriedBy(store, 'a');
    const decided = {
      type: 'decided',
      isDirty: false,
      version: 4,
      status: 'RUNNING',
      at: START_AT,
    };
    const result = { carried, token: 't-a' };
    expect(await finish(store, 'a', result)).toEqual(decided);
    expect(await finish(store, 'a', result)).toEqual(decided);
    expect(await store.find(id)).toMatchObject({ decision: 2, nonce: 'next', open: 1, dirty: 0 });
    expect(await storedRow(store, id, 'a')).toMatchObject({
      status: 'COMPLETED',
      endedAt: START_AT,
    });
    expect(await storedRow(store, id, 'b')).toMatchObject({ startedAt: START_AT, token: 't-b' });
    expect((await store.readWhole(id))?.whole?.leases).toEqual(new Set(['b']));
    const claimed = await store.claim({ ...claimOf(id, 'b', 't-b'), dispatch: 1 });
    expect(claimed).toMatchObject({ type: 'claimed', fencingToken: 4 });
  });

  test.each<[string, Partial<CarriedDecision>]>([
    ['another decision was committed since', { decision: 0 }],
    ['a decision of the same number was lost', { nonce: 'lost' }],
    ['more is open than it presumes', { open: 2 }],
    ['a row is not as it presumes', { commands: [change(rowOf('a', { rev: 7 }), {})] }],
  ])('a result is stored alone when %s', async (_why, unfit) => {
    const { store } = at();
    await store.start(startOf(id, enter(rowOf('a'))));
    const carried = { ...(await carriedBy(store, 'a')), ...unfit };
    const stored = { type: 'stored', isDirty: true };
    expect(await finish(store, 'a', { carried, token: 't-a' })).toEqual(stored);
    expect(await store.find(id)).toMatchObject({ decision: 1, nonce: 'n1', open: 1, dirty: 1 });
    expect((await store.rows(id)).map(({ ref }) => ref)).toEqual(['a']);
    expect(await store.load(loadOf())).toMatchObject({ slice: { todo: ['a'] } });
  });

  test('a carried decision may end the run, and is no longer heard after its end', async () => {
    const { store } = at();
    await store.start(startOf(id, enter(rowOf('a'))));
    const ended = { type: 'patch-run', patch: { status: 'COMPLETED' } } as const;
    const whole = await carriedBy(store, 'a');
    const carried = { ...whole, commands: [...whole.commands.slice(0, 1), ended] };
    const result = { carried, token: 't-a' };
    expect(await finish(store, 'a', result)).toMatchObject({ status: 'COMPLETED' });
    expect(await store.attention(id)).toBeNull();
    expect(await finish(store, 'a', result)).toMatchObject({ type: 'decided' });
    expect(await finish(store, 'a', { carried: { ...carried, nextNonce: 'x' } })).toEqual({
      type: 'repeated',
      isDirty: false,
    });
  });

  test('a decision that has more to do leaves the run dirty; arrivals that it has not seen stay', async () => {
    const { store } = at();
    await store.start(startOf(id, [...enter(rowOf('a')), ...enter(rowOf('b'))]));
    const carried = { ...(await carriedBy(store, 'a', 'c')), hasMore: true };
    expect(await finish(store, 'b')).toMatchObject({ isDirty: true });
    expect(await finish(store, 'a', { carried })).toMatchObject({ type: 'decided', isDirty: true });
    expect(await store.find(id)).toMatchObject({ dirty: 2, seen: 0, open: 2 });
  });

  test('a paused run stores the result alone', async () => {
    const { store } = at();
    await store.start(startOf(id, enter(rowOf('a'))));
    await store.claim(claimOf(id, 'a', 't-a'));
    await decideWith(store, id, [{ type: 'patch-run', patch: { status: 'PAUSED' } }]);
    const carried = await carriedBy(store, 'a');
    expect(await finish(store, 'a', { carried })).toMatchObject({ type: 'stored' });
  });

  test('a task that nobody claims is completed without a token', async () => {
    const { store } = at();
    await store.start(startOf(id, enter(rowOf('a', { type: 'WAIT' }))));
    const args = { attempt: 1, token: '', status: 'COMPLETED', output: {}, reason: '' } as const;
    const complete = { ...args, runId: id, key: a, actor: 'test:complete' };
    expect(await store.complete(complete)).toEqual({ type: 'stored', isDirty: true });
    expect(await store.complete(complete)).toEqual({ type: 'repeated', isDirty: true });
  });
}

function redeliverOf(changes: Partial<RedeliverArgs> = {}): RedeliverArgs {
  return {
    runId: id,
    key: a,
    attempt: 1,
    dispatch: 1,
    token: '',
    repair: 'lost-job',
    delayMs: 0,
    actor: 'test:redeliver',
    ...changes,
  };
}

function redeliverBehaviour(at: At): void {
  test('a beat keeps the claim that it names, and no other', async () => {
    const { store, clock } = at();
    await store.start(startOf(id, enter(rowOf('a', { responseTimeoutMs: 5_000 }))));
    await store.claim(claimOf(id, 'a', 't1'));
    const beat = { runId: id, key: a, attempt: 1, token: 't1', leaseMs: 3_000, isProgress: false };
    clock.now += 2_000;
    expect(
      await store.beat([
        beat,
        { ...beat, token: 't2' },
        { ...beat, attempt: 2 },
        { ...beat, runId: runId(9) },
        { ...beat, runId: runId(1, 1) },
      ]),
    ).toEqual([true, false, false, false, false]);
    expect(await store.attention(id)).toEqual({ runId: id, dueAt: START_AT + 5_000 });
    await store.beat([{ ...beat, leaseMs: 9_000, isProgress: true }]);
    expect(await store.attention(id)).toEqual({ runId: id, dueAt: clock.now + 5_000 });
  });

  test('what is sent again goes to the queue of its type, where that is not its name', async () => {
    const { store, clock } = at();
    const row = rowOf('a', { type: 'HTTP', queue: 'HTTP' });
    await store.start(startOf(id, enter(row)));
    expect((await store.rows(id))[0]).toMatchObject({ queue: 'HTTP' });
    const sentAgain = await store.redeliver(redeliverOf());
    expect(sentAgain).toMatchObject({ letter: { taskType: 'HTTP' } });
    clock.now += 10_000;
    const [finding] = await store.look(0, [id]);
    expect(finding?.checks).toMatchObject([{ letter: { taskType: 'HTTP' } }]);
  });

  test('a lost job is sent again under a new number, once', async () => {
    const { store } = at();
    await store.start(startOf(id, enter(rowOf('a'))));
    const letter = { ...letterFor(rowOf('a')), dispatch: 2 };
    expect(await store.redeliver(redeliverOf())).toEqual({ type: 'redelivered', letter });
    expect(await store.redeliver(redeliverOf())).toEqual({ type: 'unchanged' });
    expect(await store.claim(claimOf(id, 'a', 't1'))).toEqual({ type: 'stale' });
    const events = (await store.history(id, 1, 10)).map(({ event }) => event);
    expect(events).toEqual([
      { type: 'task.redelivered', key: 'a', attempt: 1, why: 'lost-job' },
      { type: 'repair.found', kind: 'lost-job', key: 'a' },
    ]);
    expect(await store.claim(claimOf(id, 'a', 't1', { dispatch: 2 }))).toMatchObject({
      row: { deliveries: 1 },
    });
  });

  test('a living claim is given back by its holder alone', async () => {
    const { store } = at();
    await store.start(startOf(id, enter(rowOf('a'))));
    await store.claim(claimOf(id, 'a', 't1'));
    expect(await store.redeliver(redeliverOf())).toEqual({ type: 'unchanged' });
    expect(await store.redeliver(redeliverOf({ token: 't2' }))).toEqual({ type: 'unchanged' });
    const handedBack = redeliverOf({ token: 't1', repair: null, delayMs: 700 });
    expect(await store.redeliver(handedBack)).toMatchObject({ letter: { dispatch: 2 } });
    expect(await store.claim(claimOf(id, 'a', 't3', { dispatch: 2 }))).toEqual({
      type: 'early',
      waitMs: 700,
    });
    expect(await store.history(id, 2, 10)).toMatchObject([
      { event: { type: 'task.redelivered', why: 'handed-back' } },
    ]);
  });

  test('a claim that a look found ended can be redelivered in the same pass', async () => {
    const { store, clock } = at();
    await store.start(startOf(id, enter(rowOf('a'))));
    await store.claim(claimOf(id, 'a', 't1'));
    clock.now += 3_000;
    const [finding] = await store.look(0, [id]);
    expect(finding?.endedClaims).toEqual([{ key: 'a', attempt: 1, dispatch: 1 }]);
    expect(await store.redeliver(redeliverOf({ repair: 'claim-ended' }))).toMatchObject({
      type: 'redelivered',
    });
  });

  test('a late beat saves a claim that a look found ended but nobody has redelivered', async () => {
    const { store, clock } = at();
    await store.start(startOf(id, enter(rowOf('a'))));
    await store.claim(claimOf(id, 'a', 't1'));
    clock.now += 3_000;
    await store.look(0, [id]);
    const beat = { runId: id, key: a, attempt: 1, token: 't1', leaseMs: 3_000, isProgress: false };
    expect(await store.beat([beat])).toEqual([true]);
    expect(await store.redeliver(redeliverOf())).toEqual({ type: 'unchanged' });
    clock.now += 1_000;
    expect((await store.look(0, [id]))[0]?.endedClaims).toEqual([]);
  });

  test('poison is not sent again: its finder owns it for a while', async () => {
    const { store, clock } = at();
    await store.start(startOf(id, enter(rowOf('a', { maxDeliveries: 1 }))));
    await store.claim(claimOf(id, 'a', 't1'));
    clock.now += 3_000;
    const reply = await store.redeliver(redeliverOf());
    if (reply.type !== 'poison') throw new Error(reply.type);
    expect(reply.deliveries).toBe(1);
    expect(await store.redeliver(redeliverOf())).toEqual({ type: 'unchanged' });
    expect(await finish(store, 'a', { token: reply.token, status: 'FAILED' })).toMatchObject({
      type: 'stored',
    });
  });
}

function lookBehaviour(at: At): void {
  test('a taken run comes again after a second, and none is lost from attention', async () => {
    const { store, clock } = at();
    await store.start(startOf(id, [], { hasMore: true }));
    await store.start(startOf(runId(1, 1), [], { hasMore: true }));
    expect(await store.take(0, 10)).toEqual({
      runIds: [],
      now: clock.now,
      gapMs: 0,
      forgotten: [],
    });
    clock.now += 500;
    expect(await store.take(0, 10)).toMatchObject({ runIds: [id] });
    expect(await store.take(0, 10)).toMatchObject({ runIds: [] });
    clock.now += 1_000;
    expect(await store.take(0, 10)).toMatchObject({ runIds: [id] });
  });

  test('a leap of the clock is told, and a leap back makes everything due', async () => {
    const { store, clock } = at();
    await store.start(startOf(id));
    await store.take(0, 10);
    clock.now += 10_001;
    expect(await store.take(0, 10)).toMatchObject({ gapMs: 10_001, runIds: [] });
    clock.now -= 600_000;
    expect(await store.take(0, 10)).toMatchObject({ gapMs: 0, runIds: [id] });
  });

  test('a look tells whether a decision is due and asks for a full one each minute', async () => {
    const { store, clock } = at();
    await store.start(startOf(id, [], { hasMore: true }));
    const look = async (): Promise<object> => (await store.look(0, [id]))[0] ?? {};
    expect(await look()).toMatchObject({ needsDecision: true, isFullDue: false, corrupt: '' });
    await decideWith(store, id, []);
    expect(await look()).toMatchObject({ needsDecision: false, isFullDue: false });
    clock.now += 60_000;
    expect(await look()).toMatchObject({ needsDecision: true, isFullDue: true });
    await decideWith(store, id, [], { wasFull: true });
    clock.now += 59_999;
    expect(await look()).toMatchObject({ needsDecision: false, isFullDue: false });
  });

  test('a calm run is decided in full after hours, and again each minute from the next thing that happens', async () => {
    const { store, clock } = at();
    await store.start(startOf(id));
    const isFullDue = async (): Promise<boolean | undefined> =>
      (await store.look(0, [id]))[0]?.isFullDue;
    await decideWith(store, id, [], { wasFull: true, isCalm: true });
    clock.now += 6 * 3_600_000 - 1;
    expect(await isFullDue()).toBe(false);
    clock.now += 1;
    expect(await isFullDue()).toBe(true);
    await decideWith(store, id, [], { wasFull: true, isCalm: true });
    clock.now += 60_000;
    expect(await isFullDue()).toBe(false);
    await store.record(id, { type: 'run.resumed', reason: '' }, 'test');
    expect(await isFullDue()).toBe(true);
  });

  test('a run is not calm that has more to do, or in which something was done', async () => {
    const { store, clock } = at();
    const commits = [
      { commands: [], wasFull: true, hasMore: true },
      { commands: [], wasFull: false, hasMore: false },
      { commands: [{ type: 'patch-run', patch: { seq: 1 } }], wasFull: true, hasMore: false },
    ] as const;
    for (const [index, { commands, ...flags }] of commits.entries()) {
      await store.start(startOf(runId(index)));
      await decideWith(store, runId(index), commands, { ...flags, isCalm: true });
    }
    clock.now += 60_000;
    const findings = await store.look(0, [runId(0), runId(1), runId(2)]);
    expect(findings.map((finding) => finding.isFullDue)).toEqual([true, true, true]);
  });

  test('an ended claim is told each second until somebody acts', async () => {
    const { store, clock } = at();
    await store.start(startOf(id, enter(rowOf('a'))));
    await store.claim(claimOf(id, 'a', 't1'));
    clock.now += 3_000;
    const ended = async (): Promise<number> =>
      (await store.look(0, [id]))[0]?.endedClaims.length ?? -1;
    expect(await ended()).toBe(1);
    expect(await ended()).toBe(0);
    clock.now += 1_000;
    expect(await ended()).toBe(1);
    expect((await store.readWhole(id))?.whole?.leases).toEqual(new Set(['a']));
  });

  test('jobs are asked for after 2, 4, 8, 16 and then every 30 s', async () => {
    const { store, clock } = at();
    await store.start(startOf(id, enter(rowOf('a'))));
    const asked: number[] = [];
    for (let waited = 0; waited <= 100_000; waited += 1_000) {
      clock.now = START_AT + waited;
      const [finding] = await store.look(0, [id]);
      if (finding?.checks.length === 1) asked.push(waited / 1_000);
    }
    expect(asked).toEqual([2, 4, 8, 16, 32, 62, 92]);
    const [finding] = ((clock.now += 60_000), await store.look(0, [id]));
    expect(finding?.checks).toEqual([
      { runId: id, definition: 'wf', letter: letterFor(rowOf('a')), at: START_AT },
    ]);
  });

  test('a look at a run that is gone takes it out of attention', async () => {
    const { store } = at();
    await store.start(startOf(id));
    expect(await store.look(0, [runId(9), id])).toHaveLength(1);
    expect(await store.attention(id)).not.toBeNull();
  });

  test('every run is due after a failover', async () => {
    const { store, clock } = at();
    await store.start(startOf(id));
    await store.start(startOf(runId(1, 1)));
    await store.makeAllDue();
    expect((await store.take(0, 10)).runIds).toEqual([id]);
    expect((await store.take(1, 10)).runIds).toEqual([runId(1, 1)]);
    expect(await store.attention(id)).toEqual({ runId: id, dueAt: clock.now + 1_000 });
  });
}

function letterBehaviour(at: At): void {
  test('a letter is unsent until a relay marks it, and its job is checked all the same', async () => {
    const { store, clock } = at();
    await store.start(startOf(id, [...enter(rowOf('a')), ...enter(rowOf('b'))]));
    clock.now += 199;
    expect(await store.unsent(0, 200, 10)).toEqual([]);
    clock.now += 1;
    expect(await store.unsent(0, 200, 1)).toHaveLength(1);
    await store.markSent([{ runId: id, letterId: 'dispatch:a' }]);
    expect(await store.unsent(0, 200, 10)).toEqual([
      { runId: id, definition: 'wf', letter: letterFor(rowOf('b')), at: START_AT },
    ]);
    clock.now += 1_800;
    expect((await store.look(0, [id]))[0]?.checks).toHaveLength(2);
  });
}

/** A letter to another run, about an attempt of `a`. */
const notice: NotifyParentLetter = { type: 'notify-parent', to: runId(7, 1), key: a, attempt: 1 };
const noticeId = letterIdOf(notice);
const send: Command = { type: 'send', letter: notice };

function runLetterBehaviour(at: At): void {
  test('a letter to another run is unsent until it is acknowledged', async () => {
    const { store, clock } = at();
    await store.start(startOf(id, [send]));
    clock.now += 200;
    const unsent = [{ runId: id, definition: 'wf', letter: notice, at: START_AT }];
    expect(await store.unsent(0, 200, 10)).toEqual(unsent);
    expect(await store.hasLetter(id, noticeId)).toBe(true);
    expect(await store.acknowledge(id, ['notify-parent:other@1', noticeId])).toBe('acknowledged');
    expect(await store.unsent(0, 0, 10)).toEqual([]);
    expect(await store.hasLetter(id, noticeId)).toBe(false);
    expect(await store.acknowledge(id, [noticeId])).toBe('acknowledged');
    expect(await store.acknowledge(runId(9), [noticeId])).toBe('gone');
    expect(await store.hasLetter(runId(9), noticeId)).toBe(false);
  });

  test('a letter that nobody acknowledges is found after 2, 4, 8, 16 and each 30 s', async () => {
    const { store, clock } = at();
    await store.start(startOf(id, [send]));
    const found: number[] = [];
    for (let second = 0; second <= 62; second += 1) {
      if ((await store.look(0, [id]))[0]?.letters.length === 1) found.push(second);
      clock.now += 1_000;
    }
    expect(found).toEqual([2, 4, 8, 16, 32, 62]);
    await store.acknowledge(id, [noticeId]);
    clock.now += 60_000;
    expect((await store.look(0, [id]))[0]?.letters).toEqual([]);
  });

  test('a run that has ended is looked at until its last letter is acknowledged', async () => {
    const { store, clock } = at();
    const other: RunLetter = { ...notice, type: 'cancel-child', reason: 'over' };
    const letters: readonly Command[] = [send, { type: 'send', letter: other }];
    await store.start(startOf(id, [...letters, endRun]));
    expect(await store.attention(id)).toEqual({ runId: id, dueAt: START_AT + 2_000 });
    clock.now += 2_000;
    const [finding] = await store.look(0, [id]);
    expect(finding?.letters.map(({ letter }) => letter.type).toSorted()).toEqual([
      'cancel-child',
      'notify-parent',
    ]);
    await store.acknowledge(id, [noticeId]);
    expect(await store.attention(id)).toEqual({ runId: id, dueAt: clock.now + 2_000 });
    expect(await purgeAll(store)).toBe(0);
    await store.acknowledge(id, [letterIdOf(other)]);
    expect(await store.attention(id)).toBeNull();
    clock.now += 86_400_000;
    expect(await purgeAll(store)).toBe(1);
  });

  test('a put row keeps its letters to other runs', async () => {
    const { store } = at();
    await store.start(startOf(id, [...enter(rowOf('a')), send]));
    const row = await storedRow(store, id, 'a');
    await decideWith(store, id, [change(row, { status: 'TIMED_OUT' })]);
    expect(await store.hasLetter(id, noticeId)).toBe(true);
  });

  test('a run that is failed without a decision keeps its promises to others, and tells its parent', async () => {
    const { store, clock } = at();
    const parent = { runId: runId(7, 1), key: a, attempt: 3, depth: 2 };
    const { run, ...rest } = startOf(id, [...enter(rowOf('b')), send]);
    await store.start({ ...rest, run: { ...run, parent } });
    expect(await store.find(id)).toMatchObject({ parent });
    await store.fail({ runId: id, reason: 'no plan', actor: 'test:fail' });
    const letter = { type: 'notify-parent', to: parent.runId, key: a, attempt: 3 };
    const left = [...(await store.unsent(0, 0, 10))].map((item) => item.letter);
    expect(left).toHaveLength(2);
    expect(left).toContainEqual(letter);
    expect(left.map(({ type }) => type)).not.toContain('dispatch');
    clock.now += 2_000;
    const letters = (await store.look(0, [id]))[0]?.letters.map((item) => item.letter);
    expect(letters).toHaveLength(2);
    expect(letters).toContainEqual(letter);
    expect(await store.attention(id)).not.toBeNull();
  });

  test('a child is not purged while its parent lives', async () => {
    const { store, clock } = at();
    const parentId = runId(7, 1);
    await store.start(startOf(parentId));
    const { run, ...rest } = startOf(id, [endRun]);
    await store.start({
      ...rest,
      run: { ...run, parent: { runId: parentId, key: a, attempt: 1, depth: 1 } },
    });
    clock.now += 86_400_000;
    expect(await purgeAll(store)).toBe(0);
    await decideWith(store, parentId, [endRun]);
    clock.now += 3_600_000;
    expect(await purgeAll(store)).toBe(1);
    expect(await store.find(id)).toBeNull();
  });
}

const endRun: Command = { type: 'patch-run', patch: { status: 'COMPLETED', isRootDone: true } };

function endBehaviour(at: At): void {
  test('a run that has ended leaves attention, frees its lock and cannot be worked on', async () => {
    const { store } = at();
    const lock = { token: 'mine', leaseMs: 60_000, overtakeAfterMs: 1_000 };
    await store.start(startOf(id, enter(rowOf('a')), { hasMore: true }));
    await store.load(loadOf(false, 'mine'));
    const settled = { status: 'COMPLETED', isSettled: true } as const;
    const row = await storedRow(store, id, 'a');
    const reply = await decideWith(store, id, [change(row, settled), endRun], { lock });
    expect(reply).toMatchObject({ type: 'committed', status: 'COMPLETED' });
    expect(await store.attention(id)).toBeNull();
    expect(await store.lockHolder(id)).toBeNull();
    expect(await store.find(id)).toMatchObject({ endedAt: START_AT, open: 0 });
    expect(await store.load(loadOf())).toEqual({ type: 'clean', status: 'COMPLETED' });
    expect(await finish(store, 'a')).toEqual({ type: 'stale' });
  });

  test('a failed run keeps its tasks, refuses decisions on their way and leaves attention', async () => {
    const { store } = at();
    await store.start(startOf(id, enter(rowOf('a'))));
    const late = await decisionOn(store, id, []);
    const fail = { runId: id, reason: 'no plan', actor: 'test:fail' };
    expect(await store.fail(fail)).toBe('failed');
    expect(await store.fail(fail)).toBe('ended');
    expect(await store.fail({ ...fail, runId: runId(9) })).toBe('gone');
    expect(await store.commit(late)).toEqual({ type: 'refused', by: 'decision' });
    expect(await store.find(id)).toMatchObject({ status: 'FAILED', reason: 'no plan' });
    expect((await storedRow(store, id, 'a')).status).toBe('SCHEDULED');
    expect(await store.claim(claimOf(id, 'a', 't1'))).toEqual({ type: 'stale' });
    expect(await store.unsent(0, 0, 10)).toEqual([]);
    expect(await store.attention(id)).toBeNull();
    expect(await store.history(id, 1, 10)).toMatchObject([
      { event: { type: 'run.ended', status: 'FAILED', reason: 'no plan' } },
    ]);
  });

  test('a run that has ended stays until its letters are acknowledged', async () => {
    const { store, clock } = at();
    await store.start(startOf(id, [endRun]));
    await decideWith(store, id, enter(rowOf('a')));
    clock.now += 86_400_000;
    expect(await purgeAll(store)).toBe(0);
    expect(await store.attention(id)).not.toBeNull();
  });

  test('a run is purged when its retention is over, and its idempotency key a week later', async () => {
    const { store, clock } = at();
    await store.start(startOf(id, [...enter(rowOf('a')), endRun], { idempotencyKey: 'k' }));
    expect(await store.attention(id)).not.toBeNull();
    const row = await storedRow(store, id, 'a');
    await decideWith(store, id, [change(row, { status: 'COMPLETED', isSettled: true })]);
    await store.start(startOf(runId(2)));
    clock.now += 86_399_999;
    expect(await purgeAll(store)).toBe(0);
    clock.now += 1;
    expect(await purgeAll(store)).toBe(1);
    expect(await store.find(id)).toBeNull();
    expect(await store.rows(id)).toEqual([]);
    expect(await store.readWhole(id)).toBeNull();
    expect((await store.list(10)).map((run) => run.runId)).toEqual([runId(2)]);
    const found = { type: 'exists', runId: id, status: 'COMPLETED' };
    const again = startOf(runId(3), [], { idempotencyKey: 'k' });
    const repeated = startOf(id, [], { idempotencyKey: 'k' });
    expect(await store.start(again)).toEqual(found);
    expect(await store.start(repeated)).toEqual(found);
    clock.now += 7 * 86_400_000 - 1;
    expect(await store.start(again)).toEqual(found);
    clock.now += 1;
    expect(await store.start(again)).toEqual({ type: 'started', runId: runId(3) });
    expect(await store.start(repeated)).toEqual({ ...found, runId: runId(3), status: 'RUNNING' });
  });

  test('a run that has ended is removed when it is asked, and no other', async () => {
    const { store, clock } = at();
    const parentId = runId(7, 1);
    const link = { runId: parentId, key: a, attempt: 1, depth: 1 };
    const { run, ...rest } = startOf(runId(2), [endRun]);
    await store.start(startOf(parentId));
    await store.start({ ...rest, run: { ...run, parent: link } });
    await store.start(startOf(id, enter(rowOf('a')), { idempotencyKey: 'k' }));
    expect(await store.remove(id)).toBe('kept');
    const row = await storedRow(store, id, 'a');
    const settled = { status: 'COMPLETED', isSettled: true } as const;
    await decideWith(store, id, [change(row, settled), endRun]);
    clock.now += 1;
    expect(await store.remove(id)).toBe('removed');
    expect(await store.remove(id)).toBe('gone');
    expect([await store.find(id), await store.rows(id)]).toEqual([null, []]);
    expect((await store.moved(0, 10)).map((moved) => moved.runId)).toContain(id);
    expect(await store.start(startOf(runId(3), [], { idempotencyKey: 'k' }))).toEqual({
      type: 'exists',
      runId: id,
      status: 'COMPLETED',
    });
    expect(await store.remove(runId(2))).toBe('kept');
    await decideWith(store, parentId, [endRun]);
    expect(await store.remove(runId(2))).toBe('removed');
  });
}

async function purgeAll(store: RunStore): Promise<number> {
  let total = 0;
  for (;;) {
    const { purged, hasMore } = await store.purge(0, 1_000);
    total += purged;
    if (!hasMore) return total;
  }
}

function viewBehaviour(at: At): void {
  test('what is not there is null, empty or zero', async () => {
    const { store } = at();
    const needs = { rows: [a], data: [`o:${a}`] as const, arrivals: [taskKeyOf('j')] };
    expect(await store.read(id, needs)).toBeNull();
    await store.start(startOf(id));
    expect(await store.read(id, needs)).toEqual({
      rows: new Map([[a, null]]),
      data: new Map([[`o:${a}`, null]]),
      arrivals: new Map([['j', 0]]),
    });
    expect(await store.payload(id, 'run:output')).toBeNull();
    expect(await store.attention(runId(9))).toBeNull();
    expect(await store.lockHolder(id)).toBeNull();
    expect(await store.history(runId(9), 1, 10)).toEqual([]);
  });

  test('an event on its own is appended, and history is read in parts', async () => {
    const { store } = at();
    await store.start(startOf(id));
    const events = ['x', 'y', 'z'].map((reason) => ({ type: 'run.paused', reason }) as const);
    for (const event of events) {
      expect(await store.record(id, event, 'test:record')).toBe('recorded');
    }
    expect(await store.record(runId(9), { type: 'run.paused', reason: '' }, 'x')).toBe('gone');
    expect(await store.history(id, 2, 1)).toEqual([
      { version: 2, at: START_AT, actor: 'test:record', event: events[1] },
    ]);
  });

  test('runs are listed newest first over all partitions', async () => {
    const { store, clock } = at();
    const ids: readonly RunId[] = [runId(1, 2), runId(2, 0), runId(3, 3)];
    for (const each of ids) {
      await store.start(startOf(each));
      clock.now += 1;
    }
    expect((await store.list(10)).map((run) => run.runId)).toEqual(ids.toReversed());
    expect(await store.list(1)).toEqual([
      {
        runId: ids[2],
        definition: 'wf',
        version: 1,
        status: 'RUNNING',
        createdAt: START_AT + 2,
        endedAt: 0,
        reason: '',
      },
    ]);
  });

  test('payloads come back as they were, whatever they are', async () => {
    const { store } = at();
    const values = [null, 0, '', false, [], {}, [[], {}], 'ü€\u0000"\\', 1.5, { a: [null] }];
    const commands = values.map((value, index): Command => ({
      type: 'put-data',
      field: `o:p${index}`,
      value,
    }));
    await store.start(startOf(id, commands));
    for (const [index, value] of values.entries()) {
      expect(await store.payload(id, `o:p${index}`)).toEqual(value);
    }
  });
}
