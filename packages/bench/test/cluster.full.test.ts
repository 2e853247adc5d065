import { expect, it } from 'vitest';
import { measureCluster } from '../src/measure-cluster.ts';

const loop = { warmUpMs: 1_000, loopMs: 2_000, inflight: 16 };

it('spreads partitions evenly over masters, and a task costs the same on one as on several', async () => {
  const one = await measureCluster('W2', 1, loop);
  const three = await measureCluster('W2', 3, loop);
  expect(one.partitionsPerMaster).toEqual([256]);
  // A band of slots that two masters share falls to either of them.
  for (const count of three.partitionsPerMaster) expect(Math.abs(count - 256 / 3)).toBeLessThan(2);
  expect(three.verifiedCount).toBeGreaterThan(16);
  // The store's scripts are spread; those of BullMQ's queues are all on one master.
  expect(Math.min(...three.scriptShares)).toBeGreaterThan(0.05);
  expect(three.perTask.scripts).toBeLessThan(1.1 * one.perTask.scripts);
  expect(three.perTask.commands).toBeLessThan(1.1 * one.perTask.commands);
});
