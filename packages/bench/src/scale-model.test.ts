import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  ceilingsOf,
  installationFor,
  liveRunsGb,
  masterThroughput,
  type TaskCosts,
} from './scale-model.ts';

const costs: TaskCosts = {
  workload: 'W1',
  taskCount: 5,
  redisCpuUs: 140,
  serviceCpuUs: 350,
  bytes: 5_000,
  jobs: 0.2,
  bytesPerPending: 6_000,
  bytesPerFinished: 10_000,
};

it('lets a master be busy for 70 % of a core', () => {
  expect(masterThroughput(costs)).toBe(5_000);
});

it('counts masters, partitions, cores, traffic and what a day leaves behind', () => {
  expect(installationFor(costs, 10_000)).toEqual({
    tasksPerSecond: 10_000,
    masters: 2,
    partitions: 16,
    serviceCores: 5,
    mbPerSecond: 50,
    keptGb: 1_728,
  });
  expect(liveRunsGb(costs, 10_000_000)).toBe(60);
});

it('never plans less than is needed, nor a master too many', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (rate) => {
      const { masters, partitions } = installationFor(costs, rate);
      expect(masters * masterThroughput(costs)).toBeGreaterThanOrEqual(rate);
      expect((masters - 1) * masterThroughput(costs)).toBeLessThan(rate);
      expect(partitions).toBeLessThanOrEqual(256);
    }),
  );
});

it('says what is full first: here a master, with a job for each task the queues', () => {
  const [few, many] = [0.2, 1].map((jobs) => ceilingsOf({ ...costs, jobs, redisCpuUs: 100 }, 140));
  expect(few?.[0]?.what).toContain('one run');
  expect(many?.[0]?.what).toContain('BullMQ');
});
