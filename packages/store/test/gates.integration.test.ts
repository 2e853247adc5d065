import { type RedisServer, startRedis } from '@joinery/testing';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  createMemoryGates,
  createRedisGates,
  type EnterArgs,
  type EnterReply,
  type Gates,
} from '../src/index.ts';
import { gateHistory, playGateHistory } from './gate-histories.ts';

let server: RedisServer;
let redis: Redis;
beforeAll(async () => {
  server = await startRedis();
  redis = new Redis(server.url, { enableAutoPipelining: true });
});
afterAll(async () => {
  redis.disconnect();
  await server[Symbol.asyncDispose]();
});

it('gates in Redis and in memory agree after every step of any history', async () => {
  let played = 0;
  await fc.assert(
    fc.asyncProperty(gateHistory, async (steps) => {
      played += await playGateHistory(redis, steps);
    }),
    { numRuns: 50 },
  );
  expect(played).toBeGreaterThanOrEqual(500);
});

describe.each(['Redis', 'memory'])('a gate in %s', (where) => {
  let now = 0;
  let gates: Gates;
  beforeEach(async () => {
    await redis.flushall();
    now = 1_000_000;
    const clock = { now: () => now };
    gates = where === 'Redis' ? createRedisGates(redis, clock) : createMemoryGates(clock);
  });

  const enter = (member: string, more: Partial<EnterArgs> = {}): Promise<EnterReply> =>
    gates.enter({
      gate: 'charge',
      member,
      token: `token ${member}`,
      limits: { max: 2, rate: 0, perMs: 0 },
      key: '',
      keyMax: 0,
      leaseMs: 5_000,
      job: `job ${member}`,
      ...more,
    });
  const leave = (member: string, token = `token ${member}`): Promise<readonly string[]> =>
    gates.leave({ gate: 'charge', member, token });
  const typesOf = async (members: string, more: Partial<EnterArgs> = {}): Promise<string> => {
    const types: string[] = [];
    for (const member of members) types.push((await enter(member, more)).type);
    return types.map((type) => type[0]).join('');
  };

  it('gives its places, and then calls those who wait in the order in which they came', async () => {
    expect(await typesOf('abcde')).toBe('eewww');
    expect(await leave('b')).toEqual(['job c']);
    expect(await leave('a')).toEqual(['job d']);
    expect(await typesOf('cdef')).toBe('eeww');
    expect(await leave('a')).toEqual([]);
  });

  it('frees the place of a holder that died within its lease', async () => {
    expect(await typesOf('abc')).toBe('eew');
    now += 4_000;
    const place = { member: 'b', token: 'token b', leaseMs: 5_000 };
    expect(await gates.beat('charge', [place])).toEqual([true]);
    expect(await gates.due()).toEqual([{ gate: 'charge', at: 1_005_000 }]);
    now += 1_000;
    expect(await gates.advance('charge')).toEqual(['job c']);
    expect(await gates.knows('charge', ['a', 'b', 'c'])).toEqual([false, true, true]);
    expect(await gates.due()).toEqual([{ gate: 'charge', at: 1_009_000 }]);
  });

  it('keeps a place for whom it has called, and then calls the next one', async () => {
    expect(await typesOf('abcd')).toBe('eeww');
    expect(await leave('a')).toEqual(['job c']);
    expect(await typesOf('e')).toBe('w');
    now += 4_000;
    await gates.beat('charge', [{ member: 'b', token: 'token b', leaseMs: 60_000 }]);
    now += 6_000;
    expect(await gates.advance('charge')).toEqual(['job d']);
    expect(await typesOf('c')).toBe('w');
    await leave('d', '');
    expect(await typesOf('ec')).toBe('ew');
  });

  it('does not give the place of a delivery that is alive to another one of the attempt', async () => {
    await enter('a', { token: 'first' });
    expect(await enter('a', { token: 'second' })).toMatchObject({ type: 'entered', isOurs: false });
    expect(await leave('a', 'second')).toEqual([]);
    expect(await gates.knows('charge', ['a'])).toEqual([true]);
    expect(await enter('a', { token: 'second', isForced: true })).toMatchObject({ isOurs: true });
    await leave('a', 'first');
    expect(await gates.knows('charge', ['a'])).toEqual([true]);
    await leave('a', 'second');
    expect(await gates.knows('charge', ['a'])).toEqual([false]);
  });

  it('lets nobody who waits for his key stand in the way of others', async () => {
    const key = { key: 'customer 7', keyMax: 1 };
    expect(await typesOf('abc', key)).toBe('eww');
    expect(await typesOf('de')).toBe('ew');
    // It came before `e`, and waited for its key only.
    expect(await leave('a')).toEqual(['job b']);
    expect(await leave('d')).toEqual(['job e']);
    expect(await typesOf('bc', key)).toBe('ew');
    expect(await leave('b')).toEqual(['job c']);
  });

  it('lets so many begin in any window', async () => {
    const limits = { max: 0, rate: 2, perMs: 1_000 };
    expect(await typesOf('a', { limits })).toBe('e');
    now += 600;
    expect(await typesOf('bcd', { limits })).toBe('eww');
    expect(await gates.due()).toEqual([{ gate: 'charge', at: 1_001_000 }]);
    now += 399;
    expect(await gates.advance('charge')).toEqual([]);
    now += 1;
    expect(await gates.advance('charge')).toEqual(['job c']);
    now += 599;
    expect(await gates.advance('charge')).toEqual([]);
    now += 1;
    expect(await gates.advance('charge')).toEqual(['job d']);
  });

  it('calls a page at a time, and is due at once for the others', async () => {
    for (let i = 0; i < 50; i += 1) await enter(`m${i}`, { limits: { max: 1, rate: 0, perMs: 0 } });
    await enter('x', { limits: { max: 100, rate: 0, perMs: 0 } });
    const [due] = await gates.due();
    expect(due?.at).toBe(now);
    expect(await gates.advance('charge')).toHaveLength(18);
    const [later] = await gates.due();
    expect(later?.at).toBe(now + 5_000);
  });

  it('leaves nothing behind when everybody has left', async () => {
    const key = { key: 'k', keyMax: 1, limits: { max: 1, rate: 1, perMs: 10 } };
    for (const member of 'abc') await enter(member, key);
    for (const member of 'abc') await leave(member, '');
    await leave('a');
    for (const job of 'bc') await leave(job, '');
    expect(await gates.knows('charge', ['a', 'b', 'c'])).toEqual([false, false, false]);
    expect(await gates.due()).toEqual([]);
    if (where !== 'Redis') return;
    const parts = (await redis.keys('*')).map((name) => name.split(':').at(-2));
    expect(new Set(parts)).toEqual(new Set(['entries', 'starts']));
  });
});
