import { type RedisClient } from '@joinery/store';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { dropLists, dropQueues } from '../src/chaos/drop-queues.ts';
import { judgeSystem } from '../src/chaos/judge-system.ts';
import { type LocalSystem, openLocalSystem } from '../src/chaos/local-system.ts';
import { stepTask } from '../src/chaos/step-task.ts';
import { eventually, openLedger, startRedis } from '../src/index.ts';
import { measured } from '../src/measured.ts';
import { crazyNestedForkJoin } from '../src/workloads/known-workloads.ts';
import { STEP_TASK } from '../src/workloads/workload.ts';
import { allEnded, startSeeded } from './lost-wake-up.fixture.ts';

const dir = mkdtempSync(join(tmpdir(), 'joinery-faults-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const workload = crazyNestedForkJoin();

/** How much of the work is done when it happens, and what is deleted. */
const drops = [
  [0.1, dropQueues],
  [0.4, (redis: RedisClient) => dropLists(redis, STEP_TASK)],
  [0.7, dropQueues],
] as const;

function countFailures({ logger }: LocalSystem): number {
  return logger.events().filter((event) => event === 'redis-connection.failed').length;
}

test(
  'every run completes though the queues are deleted in mid-run: whole, then their lists alone, then whole again',
  { timeout: 60_000 },
  async () => {
    await using redis = await startRedis();
    const ledger = openLedger(join(dir, 'queues'));
    // More work than room for it, so that jobs wait when their queue is deleted.
    const task = stepTask({ ledger, durationMs: () => 10, concurrency: 4 });
    await using system = await openLocalSystem({ url: redis.url, tasks: [task] });
    const runs = await startSeeded(system, 30);
    const startedAt = performance.now();
    const lost: number[] = [];
    for (const [share, drop] of drops) {
      await eventually(() => ledger.read().length >= share * 2 * 13 * runs.length, {
        withinMs: 20_000,
        everyMs: 20,
      });
      lost.push(await drop(system.client.redis));
    }
    await allEnded(system, runs, 40_000);
    const verdict = await judgeSystem(system.client.store, {
      workload,
      runs,
      ledger: ledger.read(),
      commits: system.seen.commits,
    });
    measured('queues deleted', { runs: runs.length, lost, ms: performance.now() - startedAt });
    expect(verdict).toMatchObject({ verdict: 'valid', breaches: [] });
    expect(lost.every((count) => count > 0)).toBe(true);
  },
);

test(
  'every run completes, and every worker works again, after Redis was killed twice',
  { timeout: 60_000 },
  async () => {
    // `always`, because the promise is unconditional there. With `everysec` Redis 7 puts a write off for up to 2 s while
    // an fsync is under way, and answers meanwhile: a kill then loses what was acknowledged, as documented.
    await using redis = await startRedis({ appendonly: true, args: ['--appendfsync', 'always'] });
    const ledger = openLedger(join(dir, 'kills'));
    const task = stepTask({ ledger, durationMs: () => 10, concurrency: 4 });
    await using system = await openLocalSystem({ url: redis.url, tasks: [task], workers: 3 });
    const runs = [...(await startSeeded(system, 30))];
    const startedAt = performance.now();
    for (const share of [0.2, 0.5]) {
      await eventually(() => ledger.read().length >= share * 2 * 13 * runs.length, {
        withinMs: 20_000,
        everyMs: 20,
      });
      await redis.kill();
      // An outage that nobody can overlook: tries to connect have failed.
      const failures = countFailures(system);
      await eventually(() => countFailures(system) >= failures + 3);
      await redis.restart();
    }
    await allEnded(system, runs, 40_000);
    const healedAt = Date.now();
    const canaries = await startSeeded(system, 12);
    await eventually(() => canaries.every(({ runId }) => system.seen.ended.has(runId)), {
      withinMs: 30_000,
    });
    runs.push(...canaries);
    const { store } = system.client;
    const verdict = await judgeSystem(store, {
      workload,
      runs,
      ledger: ledger.read(),
      commits: system.seen.commits,
    });
    const busy = new Set<string>();
    for (const { runId } of canaries) {
      for (const { at, event } of await store.history(runId, 1, 1_000)) {
        if (event.type === 'task.started' && at >= healedAt) busy.add(event.worker);
      }
    }
    measured('Redis killed twice', {
      runs: runs.length,
      workers: busy.size,
      ms: performance.now() - startedAt,
      breaches: verdict.breaches.slice(0, 5),
    });
    expect(verdict).toMatchObject({ verdict: 'valid', breaches: [] });
    expect(busy.size).toBe(3);
  },
);
