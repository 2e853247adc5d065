import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterEach, expect, test } from 'vitest';
import { eventually, freePort, startRedis, type RedisServer } from '@joinery/testing';

const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one.close();
});

async function open(...args: Parameters<typeof startRedis>): Promise<[RedisServer, Redis]> {
  const server = await startRedis(...args);
  opened.push({ close: () => server[Symbol.asyncDispose]() });
  const client = new Redis(server.url, { retryStrategy: () => 20 });
  client.on('error', () => undefined);
  opened.push({ close: () => client.disconnect() });
  return [server, client];
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).finally(() => socket.destroy());
}

test('data survives kill and restart with an append-only file, on the same port', async () => {
  const [server, client] = await open({ appendonly: true });
  await client.set('a', '1');
  const before = server.pid;
  await server.kill();
  expect(isAlive(before)).toBe(false);
  await server.restart();
  expect(server.pid).not.toBe(before);
  expect(await client.get('a')).toBe('1');
});

test('a restart forgets everything by default', async () => {
  const [server, client] = await open();
  await client.set('a', '1');
  await server.restart();
  expect(await client.get('a')).toBeNull();
});

test('a paused server answers only after it is resumed', async () => {
  const [server, client] = await open();
  await client.ping();
  let answered = false;
  server.pause();
  const ping = client.ping().then(() => (answered = true));
  await expect(eventually(() => answered, { withinMs: 100 })).rejects.toThrow('not within');
  server.resume();
  await ping;
});

test('options reach the server, and a taken port that was asked for is an error', async () => {
  const [server, client] = await open({
    maxmemoryPolicy: 'allkeys-lru',
    args: ['--maxmemory', '6mb'],
  });
  expect(await client.config('GET', 'maxmemory*')).toEqual(
    expect.arrayContaining(['allkeys-lru', '6291456']),
  );
  await expect(startRedis({ port: server.port })).rejects.toThrow('Address already in use');
});

test('disposal ends the server and removes its directory', async () => {
  const server = await startRedis();
  expect(existsSync(server.dir)).toBe(true);
  await server[Symbol.asyncDispose]();
  expect(isAlive(server.pid)).toBe(false);
  expect(existsSync(server.dir)).toBe(false);
});

test('a server dies with the process that started it, even by SIGKILL', async () => {
  const port = await freePort();
  const starter = fileURLToPath(new URL('fixtures/start-redis.ts', import.meta.url));
  const parent = spawn(process.execPath, ['--import', 'tsx', starter, String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(parent.stdout, 'data');
  expect(String(line)).toBe('ready\n');
  expect(await isListening(port)).toBe(true);
  parent.kill('SIGKILL');
  // By its port: a dead orphan keeps its process id until somebody reaps it.
  await eventually(async () => !(await isListening(port)));
  // A second Node starts here, on machines that may be busy.
}, 20_000);
