import { type RecordedEvent } from '@joinery/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BundledEntry } from '../src/chaos/bundle-entry.ts';
import { openClient } from '../src/chaos/open-client.ts';
import { bundleRole, openFleet } from '../src/chaos/process-fleet.ts';
import { isExclusive } from '../src/chaos/test-lock.ts';
import { eventually, startRedis } from '../src/index.ts';
import { measured } from '../src/measured.ts';
import { wideFork } from '../src/workloads/known-workloads.ts';
import { judgeFleet, untilEnded } from './process-faults.fixture.ts';

const workload = wideFork(3);

let bundle: BundledEntry;
beforeAll(async () => {
  bundle = await bundleRole();
});
afterAll(() => bundle[Symbol.asyncDispose]());

test(
  'a coordinator killed between lock and commit, lease 60 s, delays the join’s successor by less than 2 s',
  { timeout: 60_000 },
  async () => {
    await using redis = await startRedis();
    await using client = await openClient(redis.url);
    await using fleet = await openFleet({
      url: redis.url,
      bundle,
      roles: { worker: 1, coordinator: 1, scheduler: 1, sweeper: 1 },
      spares: 1,
      stepMs: [150, 150],
    });
    const { store } = client.client;
    const delaysMs: number[] = [];
    const runs = [];
    for (const seed of [1, 2, 3]) {
      const [runId] = await client.start(workload, [seed]);
      if (runId === undefined) throw new Error('nothing was started');
      runs.push({ runId, seed });
      const history = (): Promise<readonly RecordedEvent[]> => store.history(runId, 1, 1_000);
      await eventually(async () =>
        (await history()).some(({ event }) => event.type === 'task.started' && event.key === 'b_0'),
      );
      // The first two of three branches can decide nothing: the next decision is the join's.
      const [holder] = fleet.members('coordinator');
      if (holder === undefined) throw new Error('nobody decides');
      await holder.hold('in-critical-section', 10_000);
      const lock = await store.lockHolder(runId);
      const killedAt = Date.now();
      await fleet.replace(holder);
      expect(lock?.leftMs ?? 0).toBeGreaterThanOrEqual(isExclusive() ? 50_000 : 0);
      await untilEnded(client, [{ runId, seed }], 20_000);
      const successor = (await history()).find(
        ({ event }) => event.type === 'task.scheduled' && event.key === 'after',
      );
      delaysMs.push((successor?.at ?? Number.NaN) - killedAt);
    }
    measured('killed between lock and commit', { delaysMs });
    expect(delaysMs).toHaveLength(3);
    expect(Math.max(...delaysMs)).toBeLessThan(2_000);
    const verdict = await judgeFleet(client, fleet, { workload, runs });
    expect(verdict).toMatchObject({ verdict: 'valid', breaches: [] });
  },
);

test(
  'a coordinator that stood still for three leases in its critical section has its commit refused, and the join fires once',
  { timeout: 60_000 },
  async () => {
    const leaseMs = 300;
    await using redis = await startRedis();
    await using client = await openClient(redis.url);
    await using fleet = await openFleet({
      url: redis.url,
      bundle,
      roles: { worker: 1, coordinator: 1, scheduler: 1, sweeper: 1 },
      spares: 1,
      stepMs: [150, 150],
      env: { JOINERY_LOCK_LEASE: `${leaseMs}ms` },
    });
    const { store } = client.client;
    const runs = [];
    const rounds = 3;
    for (let seed = 1; seed <= rounds; seed += 1) {
      const [runId] = await client.start(workload, [seed]);
      if (runId === undefined) throw new Error('nothing was started');
      runs.push({ runId, seed });
      await eventually(async () =>
        (await store.history(runId, 1, 1_000)).some(
          ({ event }) => event.type === 'task.started' && event.key === 'b_0',
        ),
      );
      const [paused] = fleet.members('coordinator');
      if (paused === undefined) throw new Error('nobody decides');
      await paused.hold('in-critical-section', 10_000);
      paused.pause();
      const pausedAt = performance.now();
      await fleet.add('coordinator');
      await untilEnded(client, [{ runId, seed }], 20_000);
      await eventually(() => performance.now() - pausedAt > 3 * leaseMs);
      const { pid } = paused;
      paused.resume();
      paused.release();
      await eventually(() =>
        fleet
          .commits()
          .some((line) => line.pid === pid && line.runId === runId && line.reply === 'refused'),
      );
      await paused.kill();
    }
    const refused = fleet.commits().filter(({ reply }) => reply === 'refused');
    measured('stood still for three leases', { rounds, refused: refused.length });
    const verdict = await judgeFleet(client, fleet, { workload, runs });
    expect(verdict).toMatchObject({ verdict: 'valid', breaches: [] });
  },
);
