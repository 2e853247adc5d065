import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectRedis } from '@joinery/queues';
import { eventually, startRedis, type RedisServer } from '@joinery/testing';
import { taskJob } from './task-job.fixture.ts';
import { type Bench, openBench } from './task-worker.fixture.ts';
import { startTcpProxy } from './tcp-proxy.fixture.ts';

let server: RedisServer;
let bench: Bench;
const children: ChildProcess[] = [];

beforeEach(async () => {
  server = await startRedis({ appendonly: true });
  bench = openBench(server);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  server.resume();
  await bench.end();
  await server[Symbol.asyncDispose]();
});

interface Holder {
  readonly child: ChildProcess;
  readonly said: readonly string[];
}

/** Starts a process that holds every job of type `charge`; what it says is in `said`. */
async function startHolder(): Promise<Holder> {
  const script = fileURLToPath(new URL('fixtures/hold-jobs.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, server.url, 'charge'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const said: string[] = [];
  child.stdout.on('data', (chunk) => said.push(...String(chunk).trim().split('\n')));
  await eventually(() => said.includes('ready'), { withinMs: 15_000 });
  return { child, said };
}

const neverEnds = (): Promise<never> => new Promise(() => undefined);

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  const release = new EventEmitter();
  return {
    promise: once(release, 'go').then(() => undefined),
    resolve: () => void release.emit('go'),
  };
}

async function doneWithin(withinMs: number, seen: readonly string[], key: string): Promise<void> {
  await eventually(() => seen.includes(key), { withinMs });
}

test('a worker takes jobs again after kill -9 and restart of Redis, those from before included', async () => {
  const seen: string[] = [];
  bench.work({ handle: async (job) => (seen.push(job.key), 'done') });
  await bench.queue.enqueue([taskJob('before')]);
  await doneWithin(5_000, seen, 'taskbefore');
  for (const round of [1, 2]) {
    await server.kill();
    const waiting = bench.queue.enqueue([taskJob(round)]);
    await server.restart();
    await waiting;
    await doneWithin(3_000, seen, `task${round}`);
  }
  expect(bench.log.events()).not.toContain('queue-worker.recreated');
});

test('a job outlives the death of its workers, more often than BullMQ would allow', async () => {
  const seen: string[] = [];
  const { promise: release, resolve: go } = deferred();
  // Full from the beginning, so that it finds lost jobs and leaves them to others.
  bench.work({
    concurrency: 1,
    stalledIntervalMs: 100,
    handle: async (job) => {
      seen.push(job.key);
      await release;
      return 'done';
    },
  });
  await bench.queue.enqueue([taskJob('first')]);
  await doneWithin(5_000, seen, 'taskfirst');
  const holders = await Promise.all([startHolder(), startHolder()]);
  await bench.queue.enqueue([taskJob(1)]);
  for (let death = 0; death < 2; death += 1) {
    const isHolding = ({ child, said }: Holder): boolean => !child.killed && said.includes('task1');
    await eventually(() => holders.some(isHolding));
    holders.find(isHolding)?.child.kill('SIGKILL');
  }
  go();
  await doneWithin(5_000, seen, 'task1');
  expect(bench.log.events().filter((event) => event === 'job.stalled')).toHaveLength(2);
}, 30_000);

test.each(['pause', 'kill'] as const)(
  'close() is bounded after %s of Redis, with and without an active job',
  async (fault) => {
    const busy = bench.work({ handle: neverEnds });
    const idle = bench.work({ handle: neverEnds, taskType: 'ship' });
    await bench.queue.enqueue([taskJob(1)]);
    await eventually(() => busy.activeCount === 1);
    await server[fault]();
    const startedAt = performance.now();
    const took = async (closing: Promise<string>): Promise<[string, number]> => [
      await closing,
      performance.now() - startedAt,
    ];
    const [[busyOutcome, busyMs], [idleOutcome, idleMs]] = await Promise.all([
      took(busy.close(300)),
      took(idle.close(60_000)),
    ]);
    expect(busyOutcome).toBe('abandoned');
    expect(busyMs).toBeLessThan(300 + 1_000 + 500);
    expect(['drained', 'abandoned']).toContain(idleOutcome);
    expect(idleMs).toBeLessThan(1_000 + 500);
  },
);

test('a worker whose connections hang silently is replaced, and jobs flow again', async () => {
  const proxy = await startTcpProxy(server.port);
  const seen: string[] = [];
  bench.work({
    handle: async (job) => (seen.push(job.key), 'done'),
    connect: () => connectRedis(`redis://127.0.0.1:${proxy.port}`, bench.log),
    deafAfterMs: 500,
  });
  await bench.queue.enqueue([taskJob(1)]);
  await doneWithin(3_000, seen, 'task1');
  proxy.hangPresent();
  await bench.queue.enqueue([taskJob(2)]);
  await doneWithin(5_000, seen, 'task2');
  expect(bench.log.events()).toContain('queue-worker.recreated');
  proxy.close();
});
