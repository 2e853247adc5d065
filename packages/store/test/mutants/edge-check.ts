import { type Command, letterIdOf, taskKeyOf } from '@joinery/core';
import { createRedisStore, type RunStore } from '@joinery/store';
import type { Redis } from 'ioredis';
import { expect } from 'vitest';
import {
  change,
  claimOf,
  decideWith,
  decisionOn,
  enter,
  rowOf,
  runId,
  START_AT,
  startOf,
  storedRow,
} from '../store-fixtures.ts';
import { type Check } from './checks.ts';

const id = runId(1);
const key = taskKeyOf('a');
const actor = 'test:edge';
const result = { runId: id, key, status: 'COMPLETED', output: {}, reason: '', actor } as const;
const closing = { status: 'TERMINATED', reason: 'enough' } as const;

/** What random histories hardly ever come to: resends, results of attempts that nobody claimed, runs that close. */
export const edgeCheck: Check = async (redis) => {
  const clock = { now: START_AT };
  const store = createRedisStore(redis, {
    partitions: 2,
    now: () => clock.now,
    inlineMaxBytes: 50,
  });
  const edges = [
    unclaimed,
    redeliveredTwice,
    closes,
    manyDue,
    lostReply,
    blobGone,
    endedTwice,
    heldByAnother,
    calmForHours,
    leavesTwice,
    forgotten,
    leftToOthers,
  ];
  for (const edge of [...edges, acknowledged]) {
    await redis.flushall();
    await store.start(startOf(id, enter(rowOf('a'))));
    await edge(store, redis, clock);
  }
};

async function unclaimed(store: RunStore): Promise<void> {
  const retried = { attempt: 2, dispatch: 2 };
  await decideWith(store, id, [change(await storedRow(store, id, 'a'), retried)]);
  expect((await store.complete({ ...result, attempt: 1, token: '' })).type).toBe('stale');
  await store.claim(claimOf(id, 'a', 't', retried));
  const beat = { runId: id, key, token: 't', leaseMs: 3_000, isProgress: false };
  expect(
    await store.beat([
      { ...beat, attempt: 1 },
      { ...beat, attempt: 2 },
    ]),
  ).toEqual([false, true]);
}

async function leavesTwice(store: RunStore): Promise<void> {
  const join = taskKeyOf('j');
  const command = (type: 'arrive' | 'leave', name: string): Command => ({
    type,
    join,
    key: taskKeyOf(name),
  });
  await decideWith(store, id, [command('arrive', 'a'), command('arrive', 'b')]);
  await decideWith(store, id, [command('leave', 'a'), command('leave', 'a')]);
  const read = await store.read(id, { rows: [], data: [], arrivals: [join] });
  expect(read?.arrivals.get(join)).toBe(1);
}

/** A run that somebody has taken out of attention comes back. */
async function forgotten(store: RunStore, redis: Redis): Promise<void> {
  const [attention = ''] = await redis.keys('*:attention');
  await redis.zrem(attention, id);
  expect(await store.take(0, 9)).toMatchObject({ runIds: [id], forgotten: [id] });
  expect(await store.attention(id)).not.toBeNull();
}

/** A lock that stands apart and was missed: the run is left to its holder for a while. */
async function leftToOthers(store: RunStore): Promise<void> {
  await decideWith(store, id, [], { hasMore: true });
  const load = { runId: id, lock: null, patienceMs: 1_000, isForced: false, actor };
  expect((await store.load(load)).type).toBe('busy');
}

async function redeliveredTwice(store: RunStore): Promise<void> {
  const lost = {
    runId: id,
    key,
    attempt: 1,
    dispatch: 1,
    token: '',
    repair: null,
    delayMs: 0,
    actor,
  };
  expect((await store.redeliver(lost)).type).toBe('redelivered');
  expect((await store.redeliver(lost)).type).toBe('unchanged');
}

async function closes(store: RunStore): Promise<void> {
  await store.claim(claimOf(id, 'a', 't'));
  await decideWith(store, id, [{ type: 'patch-run', patch: { closing } }]);
  const beat = { runId: id, key, attempt: 1, token: 't', leaseMs: 3_000, isProgress: false };
  expect(await store.beat([beat])).toEqual([false]);
  expect((await store.complete({ ...result, attempt: 1, token: 't' })).type).toBe('stale');
  await store.fail({ runId: id, reason: 'cannot be decided', actor });
  expect((await store.find(id))?.closing).toBeNull();
}

/** A claim that has ended is told of until somebody has mended it, or its holder shows that it lives. */
async function endedTwice(store: RunStore, _redis: Redis, clock: { now: number }): Promise<void> {
  await store.claim(claimOf(id, 'a', 't'));
  for (const waitMs of [3_001, 1_001]) {
    clock.now += waitMs;
    const [finding] = await store.look(0, [id]);
    expect(finding?.endedClaims).toEqual([{ key, attempt: 1, dispatch: 1 }]);
  }
  const beat = { runId: id, key, attempt: 1, token: 't', leaseMs: 9_000, isProgress: false };
  expect(await store.beat([beat])).toEqual([true]);
  clock.now += 1_001;
  expect((await store.look(0, [id]))[0]?.endedClaims).toEqual([]);
}

/** A run that a full evaluation found calm is left alone for hours, unless something happens to it. */
async function calmForHours(store: RunStore, _redis: Redis, clock: { now: number }): Promise<void> {
  const isFullDue = async (): Promise<boolean | undefined> =>
    (await store.look(0, [id]))[0]?.isFullDue;
  for (const waitMs of [0, 6 * 3_600_000]) {
    clock.now += waitMs;
    if (waitMs > 0) expect(await isFullDue()).toBe(true);
    const args = await decisionOn(store, id, []);
    await store.commit({ ...args, wasFull: true, isCalm: true });
    clock.now += 60_000;
    expect(await isFullDue()).toBe(false);
  }
  await store.record(id, { type: 'run.resumed', reason: '' }, actor);
  expect(await isFullDue()).toBe(true);
}

/** A run that has ended stays in attention until its letter is acknowledged, and then nothing is left of it there. */
async function acknowledged(store: RunStore, redis: Redis): Promise<void> {
  const letter = { type: 'notify-parent', to: runId(2), key, attempt: 1 } as const;
  await decideWith(store, id, [
    change(await storedRow(store, id, 'a'), { status: 'COMPLETED', isSettled: true }),
    { type: 'send', letter },
    { type: 'patch-run', patch: { status: 'COMPLETED' } },
  ]);
  expect(await store.attention(id)).not.toBeNull();
  await store.acknowledge(id, [letterIdOf(letter)]);
  expect(await store.attention(id)).toBeNull();
  expect(await redis.keys('*:unsent')).toEqual([]);
  for (const name of ['outbox', 'watch']) expect(await redis.keys(`*:${name}`)).toEqual([]);
}

/** The revision is given out again after a loss of writes, the token is not. */
async function heldByAnother(store: RunStore): Promise<void> {
  await store.claim(claimOf(id, 'a', 't'));
  const changed = change(await storedRow(store, id, 'a'), { priority: 9 });
  if (changed.type !== 'put-task') throw new Error('a change puts the row');
  const args = await decisionOn(store, id, [{ ...changed, presumesToken: 'lost' }]);
  expect(await store.commit(args)).toEqual({ type: 'refused', by: 'task' });
}

async function manyDue(store: RunStore): Promise<void> {
  for (const index of [2, 3]) await store.start(startOf(runId(index)));
  await store.makeAllDue();
  expect((await store.take(0, 2)).runIds).toHaveLength(2);
}

async function lostReply(store: RunStore, redis: Redis): Promise<void> {
  const event = { type: 'run.resumed', reason: '' } as const;
  // Redis must know the script: otherwise it is sent as a text.
  await store.record(id, event, actor);
  const evalsha = redis.evalsha.bind(redis);
  let calls = 0;
  const losesFirst = async (sha: string, count: number, ...argv: string[]): Promise<unknown> => {
    const reply = await evalsha(sha, count, ...argv);
    calls += 1;
    if (calls === 1) throw new Error('read ECONNRESET');
    return reply;
  };
  Object.assign(redis, { evalsha: losesFirst });
  try {
    await store.record(id, event, actor);
  } finally {
    Object.assign(redis, { evalsha });
  }
  expect(calls).toBe(2);
  expect(await store.history(id, 1, 9)).toHaveLength(2);
}

async function blobGone(store: RunStore, redis: Redis): Promise<void> {
  const large = { text: 'x'.repeat(100) };
  const args = await decisionOn(store, id, [{ type: 'put-data', field: 'o:x', value: large }]);
  const evalsha = redis.evalsha.bind(redis);
  // Its hour passes between the writing of the blob and the script that names it.
  const afterAnHour = async (sha: string, count: number, ...argv: string[]): Promise<unknown> => {
    await redis.del(...(await redis.keys('*:blob:*')));
    return evalsha(sha, count, ...argv);
  };
  Object.assign(redis, { evalsha: afterAnHour });
  try {
    await expect(store.commit(args)).rejects.toThrow('EXPIRED blob');
  } finally {
    Object.assign(redis, { evalsha });
  }
  expect((await store.find(id))?.decision).toBe(1);
  expect(await store.payload(id, 'o:x')).toBeNull();
}
