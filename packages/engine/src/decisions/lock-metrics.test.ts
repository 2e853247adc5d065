import { createMetrics } from '@joinery/kit';
import { expect, it } from 'vitest';
import { createTestEngine, startFork, work } from '../../test/fixtures/test-engine.ts';
import { decideRun } from './decide-run.ts';

it('counts holds and misses of the fused lock under the names of all locks', async () => {
  const metrics = createMetrics();
  const test = createTestEngine({ metrics });
  const { runId } = await startFork(test.engine);
  await work(test.engine, test.queue);
  const lock = { token: 'another', leaseMs: 60_000, overtakeAfterMs: 1_000 };
  await test.store.load({ runId, lock, isForced: false, actor: 'another' });

  expect(await decideRun(test.engine, runId)).toMatchObject({ type: 'busy' });
  expect(await metrics.render()).toMatch(/joinery_lock_misses_total\{use="decide"\} 1/);

  const free = await startFork(test.engine);
  await work(test.engine, test.queue);
  await decideRun(test.engine, free.runId);
  expect(await metrics.render()).toMatch(/joinery_lock_hold_seconds_count\{use="decide"\} 1/);
});
