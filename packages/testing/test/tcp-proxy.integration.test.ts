import { Redis } from 'ioredis';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openTcpProxy, type TcpProxy } from '../src/chaos/tcp-proxy.ts';
import { eventually, startRedis, type RedisServer } from '../src/index.ts';

let redis: RedisServer;
let direct: Redis;
beforeAll(async () => {
  redis = await startRedis();
  direct = new Redis(redis.url);
});
afterAll(async () => {
  direct.disconnect();
  await redis[Symbol.asyncDispose]();
});
beforeEach(async () => void (await direct.flushall()));

/** A client that says what happened to a call instead of calling again. */
async function through(work: (client: Redis, proxy: TcpProxy) => Promise<void>): Promise<void> {
  await using proxy = await openTcpProxy(redis.port);
  const client = new Redis(proxy.url, {
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    retryStrategy: () => null,
  });
  client.on('error', () => undefined);
  try {
    await once(client, 'ready');
    await work(client, proxy);
  } finally {
    client.disconnect();
  }
}

test('bytes pass, each way after the delay', () =>
  through(async (client, proxy) => {
    expect(await client.ping()).toBe('PONG');
    proxy.delayBy(50);
    const startedAt = performance.now();
    expect(await client.ping()).toBe('PONG');
    // Two timers, each of which may come a millisecond early.
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(98);
  }));

test('no piece overtakes another when the delay ends', () =>
  through(async (client, proxy) => {
    proxy.delayBy(100);
    const replies: Promise<string>[] = [];
    // Each asks for something of its own: an answer in another's place shows.
    const ask = async (): Promise<void> => {
      for (let count = 0; count < 20; count += 1) {
        replies.push(client.echo(String(replies.length)));
        await delay(2);
      }
    };
    await ask();
    proxy.heal();
    await ask();
    expect(await Promise.all(replies)).toEqual(replies.map((_reply, index) => String(index)));
  }));

test('a lost reply is one of a command that was done', () =>
  through(async (client, proxy) => {
    proxy.loseReplies();
    await expect(client.incr('n')).rejects.toThrow(/closed|retries/i);
    expect(proxy.heal()).toBe(1);
    expect(await direct.get('n')).toBe('1');
  }));

test('one reply to a call of a named script is lost, and no other', () =>
  through(async (client, proxy) => {
    const lua = "return redis.call('INCR', KEYS[1])";
    const hash = await direct.script('LOAD', lua);
    proxy.loseOne([String(hash)]);
    expect(await client.incr('n')).toBe(1);
    await expect(client.evalsha(String(hash), 1, 'n')).rejects.toThrow(/closed|retries/i);
    expect(proxy.lostCount()).toBe(1);
    expect(await direct.get('n')).toBe('2');
    const second = new Redis(proxy.url);
    expect(await second.evalsha(String(hash), 1, 'n')).toBe(3);
    second.disconnect();
  }));

test('nothing passes while it hangs, and all of it afterwards', () =>
  through(async (client, proxy) => {
    proxy.hang();
    const reply = client.incr('n');
    await delay(100);
    expect(await direct.get('n')).toBeNull();
    proxy.heal();
    expect(await reply).toBe(1);
  }));

test('a reset ends the connection, and is counted', () =>
  through(async (client, proxy) => {
    expect(proxy.reset(0, () => 0.5)).toBe(0);
    expect(proxy.reset(1, () => 0.5)).toBe(1);
    await eventually(() => client.status === 'end');
  }));
