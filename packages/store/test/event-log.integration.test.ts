import { taskKeyOf } from '@joinery/core';
import { type RedisServer, startRedis } from '@joinery/testing';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryEventLog, createRedisEventLog, type EventLog } from '../src/index.ts';
import { testRunId } from './fixtures/run-builders.ts';

let server: RedisServer;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  redis.disconnect();
  await server[Symbol.asyncDispose]();
});
beforeEach(() => redis.flushall());

const sink = 'conductor:wörk flow:told';
const handler = { name: 'h', sink, definition: { actions: [] } };
const event = (id: string) => ({ id, sink, payload: { list: [], none: null, text: 'é' } });
const isNew = { sinks: [sink, 'redis:other'], limit: 10, idleMs: null };

const logs: readonly (readonly [string, () => EventLog])[] = [
  ['in Redis', () => createRedisEventLog(redis)],
  ['in memory', () => createMemoryEventLog(() => performance.now())],
];

describe.each(logs)('an event log %s', (_where, open) => {
  it('hands each event to one receiver, in order, with its payload', async () => {
    const log = open();
    await log.putHandler(handler);
    await log.publish(event('1'));
    await log.publish(event('2'));
    const first = await log.receive({ ...isNew, limit: 1 });
    expect(first).toMatchObject([event('1')]);
    expect(await log.receive(isNew)).toMatchObject([event('2')]);
    expect(await log.receive(isNew)).toEqual([]);
  });

  it('hands an event on that somebody has not done with, and not one that is done with', async () => {
    const log = open();
    await log.putHandler(handler);
    await log.publish(event('1'));
    await log.publish(event('2'));
    const [first, second] = await log.receive(isNew);
    if (first === undefined || second === undefined) throw new Error('nothing was received');
    await log.done(first);
    await log.done(first);
    expect(await log.receive({ ...isNew, idleMs: 60_000 })).toEqual([]);
    expect(await log.receive({ ...isNew, idleMs: 0 })).toEqual([second]);
    await log.done(second);
    expect(await log.receive({ ...isNew, idleMs: 0 })).toEqual([]);
  });

  it('gives a handler what is published from its registration on', async () => {
    const log = open();
    await log.publish(event('early'));
    await log.putHandler(handler);
    await log.publish(event('late'));
    expect(await log.receive(isNew)).toMatchObject([event('late')]);
  });

  it('keeps handlers by name until they are removed', async () => {
    const log = open();
    const other = { ...handler, name: 'a', definition: { active: true } };
    await log.putHandler(handler);
    await log.putHandler(other);
    await log.putHandler({ ...handler, definition: 1 });
    expect(await log.handlers()).toEqual([other, { ...handler, definition: 1 }]);
    expect([await log.removeHandler('a'), await log.removeHandler('a')]).toEqual([true, false]);
    expect(await log.handlers()).toHaveLength(1);
  });

  it('remembers at what an effect was aimed first', async () => {
    const log = open();
    const aim = { runId: testRunId('aimed'), key: taskKeyOf('a', [1]), attempt: 1 };
    expect(await log.aimOf('e')).toBeNull();
    expect(await log.aim('e', aim)).toEqual(aim);
    expect(await log.aim('e', { ...aim, attempt: 2 })).toEqual(aim);
    expect(await log.aimOf('e')).toEqual(aim);
  });
});

describe('the streams of events', () => {
  it('do without what others have put there and nobody can read, and name what has no id', async () => {
    const log = createRedisEventLog(redis);
    await log.putHandler(handler);
    const [stream = ''] = await redis.keys('*stream*');
    await redis.xadd(stream, '*', 'payload', 'no JSON');
    await redis.xadd(stream, '*', 'payload', '[1]');
    await redis.xadd(stream, '7-1', 'x', 'y').catch(() => undefined);
    const entryId = await redis.xadd(stream, '*', 'payload', '{"n":1}');
    expect(await log.receive(isNew)).toEqual([
      { id: `${sink}/${entryId}`, sink, entryId, payload: { n: 1 } },
    ]);
    const pending = await redis.xpending(stream, 'joinery');
    expect(pending[0]).toBe(1);
  });

  it('begin anew with all that is there when their group is gone', async () => {
    const log = createRedisEventLog(redis);
    await log.putHandler(handler);
    await log.publish(event('1'));
    const [stream = ''] = await redis.keys('*stream*');
    await redis.xgroup('DESTROY', stream, 'joinery');
    expect(await log.receive(isNew)).toMatchObject([event('1')]);
  });
});
