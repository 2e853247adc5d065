import { type RunId } from '@joinery/core';
import {
  type OpenEngine,
  openEngine,
  operateRun,
  registerDefinition,
  startRun,
} from '@joinery/engine';
import { createRecordingLogger, parseConfig } from '@joinery/kit';
import { eventually, type RedisServer, startRedis } from '@joinery/testing';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endAll, joinery, type JoineryProcess } from './fixtures/joinery-process.ts';

/** A step that takes ten minutes the first time that it is begun, and notes when it is begun and ended. */
const tasks = `
import { appendFileSync, existsSync } from 'node:fs';
const note = (text) => appendFileSync('notes.txt', text + ' ' + Date.now() + '\\n');
const mark = Symbol.for('@joinery/worker/task');
export const slow = {
  [mark]: true,
  type: 'slow',
  concurrency: 5,
  execute: async (_input, ctx) => {
    const isFirst = !existsSync('begun');
    if (isFirst) appendFileSync('begun', 'x');
    note('begin');
    if (isFirst) {
      await new Promise((_resolve, reject) => {
        const timer = setTimeout(() => {}, 600_000);
        ctx.signal.addEventListener('abort', () => {
          clearTimeout(timer);
          note('aborted');
          reject(new Error('told to stop'));
        });
      });
    }
    note('effect');
    return { done: true };
  },
};
`;
const definition = {
  name: 'slow',
  tasks: [{ name: 'slow', taskReferenceName: 'slow', type: 'SIMPLE' }],
};
/** A run of it waits for somebody until it is told to go on. */
const waiting = {
  name: 'held',
  tasks: [{ name: 'wait', taskReferenceName: 'wait', type: 'HUMAN' }],
};
const DRAIN_MS = 1_000;
const withinStart = { withinMs: 60_000 };
let redis: RedisServer;
let cwd: string;
let open: OpenEngine;

beforeEach(async () => {
  redis = await startRedis();
  cwd = await mkdtemp(join(tmpdir(), 'joinery-shutdown-'));
  await writeFile(join(cwd, 'tasks.mjs'), tasks);
  const config = parseConfig({ REDIS_URL: redis.url });
  open = await openEngine({ config, logger: createRecordingLogger(), processId: 'test' });
  await registerDefinition(open.engine, definition);
  await registerDefinition(open.engine, waiting);
});
afterEach(async () => {
  await endAll();
  await open.close();
  await redis[Symbol.asyncDispose]();
  await rm(cwd, { recursive: true, force: true });
});

function node(env: Record<string, string> = {}): JoineryProcess {
  return joinery(['all', '--tasks', 'tasks.mjs', '--port', '0'], {
    cwd,
    env: { REDIS_URL: redis.url, JOINERY_SHUTDOWN_DRAIN_TIMEOUT: `${DRAIN_MS}ms`, ...env },
  });
}

async function ready(count: number): Promise<void> {
  await eventually(async () => {
    const live = await open.fleet.live();
    expect(live.filter(({ phase }) => phase === 'ready')).toHaveLength(count);
  }, withinStart);
}

async function notes(): Promise<readonly (readonly [what: string, at: number])[]> {
  const text = await readFile(join(cwd, 'notes.txt'), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => [line.split(' ')[0] ?? '', Number(line.split(' ')[1])] as const);
}

const begun = () =>
  eventually(async () => expect((await notes())[0]?.[0]).toBe('begin'), withinStart);

async function completed(runId: RunId): Promise<void> {
  await eventually(
    async () => expect(await open.store.find(runId)).toMatchObject({ status: 'COMPLETED' }),
    withinStart,
  );
}

async function endedWithin(process: JoineryProcess, ms: number): Promise<number | string> {
  const startedAt = performance.now();
  const code = await process.ended;
  expect(performance.now() - startedAt).toBeLessThan(ms);
  return code;
}

async function addressOf({ err }: JoineryProcess): Promise<string> {
  return eventually(() => {
    const url = /ready at (\S+)/.exec(err())?.[1];
    expect(url).toBeDefined();
    return url ?? '';
  }, withinStart);
}

describe('a process that is told to stop', { timeout: 180_000 }, () => {
  it('A-T1 hands its step back at once, and its effect comes once', async () => {
    // Without the hand-back, the step would come again only when this lease has ended.
    const longLease = { JOINERY_WORKER_CLAIM_LEASE: '60s' };
    const first = node(longLease);
    await ready(1);
    const { runId } = await startRun(open.engine, { name: 'slow' });
    await begun();
    const second = node(longLease);
    await ready(2);
    first.child.kill('SIGTERM');
    // The drain, what the handler may take to stop, and the 5 s of the requirement.
    expect(await endedWithin(first, DRAIN_MS + 5_000)).toBe(0);
    await completed(runId);
    const [, aborted, again, effect, ...more] = await notes();
    expect([aborted?.[0], again?.[0], effect?.[0], more]).toEqual([
      'aborted',
      'begin',
      'effect',
      [],
    ]);
    expect((again?.[1] ?? 0) - (aborted?.[1] ?? 0)).toBeLessThan(20_000);
    expect(await open.fleet.state()).toMatchObject({ mode: 'ACTIVE', generation: 0 });
    second.child.kill('SIGTERM');
    expect(await second.ended).toBe(0);
  });

  it('A-T2 A-T3 A-T7 suspends the fleet when it is the last; runs go on with the next one, but for paused ones', async () => {
    const all = [node(), node(), node()];
    await ready(3);
    const { runId } = await startRun(open.engine, { name: 'slow' });
    await begun();
    const held = await startRun(open.engine, { name: 'held' });
    const pause = { type: 'pause', reason: 'by a person' } as const;
    await operateRun(open.engine, { runId: held.runId, operation: pause });
    for (const { child } of all) child.kill('SIGTERM');
    expect(await Promise.all(all.map((each) => endedWithin(each, DRAIN_MS + 5_000)))).toEqual([
      0, 0, 0,
    ]);
    expect(await open.fleet.state()).toMatchObject({ mode: 'QUIESCED', generation: 1 });
    const saying = all.filter(({ out }) => out().includes('fleet.suspended'));
    expect(saying).toHaveLength(1);
    expect(await open.store.find(runId)).toMatchObject({ status: 'RUNNING' });
    const next = node();
    await completed(runId);
    expect(await open.fleet.state()).toMatchObject({ mode: 'ACTIVE', generation: 1 });
    expect(next.out()).toContain('"how":"clean"');
    expect(await open.store.find(held.runId)).toMatchObject({ status: 'PAUSED' });
    next.child.kill('SIGTERM');
    expect(await next.ended).toBe(0);
  });

  it('A-T9 ends before its grace period although Redis is away', async () => {
    const only = node();
    await ready(1);
    await startRun(open.engine, { name: 'slow' });
    await begun();
    await redis.kill();
    only.child.kill('SIGTERM');
    // What Kubernetes gives it: the drain and 30 s.
    expect(await endedWithin(only, DRAIN_MS + 30_000)).toEqual(expect.any(Number));
  });

  it('drains when it is asked to, and tells the one who asks for its health', async () => {
    const only = node();
    await ready(1);
    const url = await addressOf(only);
    expect((await fetch(`${url}/drain`, { method: 'POST' })).status).toBe(202);
    const health = await fetch(`${url}/health`);
    expect([health.status, await health.json()]).toMatchObject([503, { isDraining: true }]);
    await eventually(async () => {
      expect(await open.fleet.live()).toMatchObject([{ phase: 'draining' }]);
    });
    await startRun(open.engine, { name: 'slow' });
    only.child.kill('SIGTERM');
    expect(await endedWithin(only, DRAIN_MS + 5_000)).toBe(0);
    expect(await notes()).toEqual([]);
  });
});

describe('a process that Redis does not hear', { timeout: 180_000 }, () => {
  it('ends with code 1, so that its pod starts anew', async () => {
    const only = node({ JOINERY_SHUTDOWN_SELF_FENCE: '15s' });
    await ready(1);
    await redis.kill();
    expect(await endedWithin(only, 60_000)).toBe(1);
    expect(only.out()).toContain('process.fenced');
  });

  it('A-T4 that was killed as the last one is found out, and its run completes', async () => {
    const first = node();
    await ready(1);
    const { runId } = await startRun(open.engine, { name: 'slow' });
    await begun();
    first.child.kill('SIGKILL');
    await first.ended;
    await eventually(async () => expect(await open.fleet.live()).toEqual([]), withinStart);
    const next = node();
    await completed(runId);
    expect(next.out()).toContain('fleet.was-down');
    next.child.kill('SIGTERM');
    expect(await next.ended).toBe(0);
  });
});
