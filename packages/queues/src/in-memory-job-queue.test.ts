import { describe, expect, it } from 'vitest';
import { taskJob } from '../test/task-job.fixture.ts';
import { createInMemoryJobQueue, type JobFaults } from './in-memory-job-queue.ts';

describe('faults of the in-memory queue', () => {
  it('lose a job and still say that it was added', async () => {
    const queue = createInMemoryJobQueue({
      faults: { deliveries: (job) => (job.key === 'task1' ? 0 : 1) },
    });
    expect(await queue.enqueue([taskJob(1), taskJob(2)])).toEqual(['added', 'added']);
    expect(await queue.exists([taskJob(1), taskJob(2)])).toEqual([false, true]);
    expect(queue.take('charge')?.key).toBe('task2');
    expect(queue.take('charge')).toBeNull();
  });

  it('deliver a job several times, one after the other', async () => {
    const queue = createInMemoryJobQueue({ faults: { deliveries: () => 3 } });
    await queue.enqueue([taskJob(1)]);
    let deliveries = 0;
    for (let job = queue.take('charge'); job; job = queue.take('charge')) {
      deliveries += 1;
      queue.finish(job);
    }
    expect(deliveries).toBe(3);
    expect(await queue.exists([taskJob(1)])).toEqual([false]);
  });

  it('may be switched on while it runs, and change the order', async () => {
    const faults: JobFaults = {};
    const queue = createInMemoryJobQueue({ faults });
    await queue.enqueue([1, 2, 3].map((n) => taskJob(n)));
    faults.pick = (count) => count - 1;
    expect([queue.take('charge')?.key, queue.take('charge')?.key]).toEqual(['task3', 'task2']);
  });
});

describe('a job that is put back', () => {
  it('comes first at once, or not before its time', async () => {
    let now = 1_000;
    const queue = createInMemoryJobQueue({ clock: { now: () => now } });
    await queue.enqueue([1, 2].map((n) => taskJob(n)));
    queue.take('charge');
    queue.putBack(taskJob(1), 0);
    expect(queue.take('charge')?.key).toBe('task1');
    queue.putBack(taskJob(1), 50);
    expect(await queue.waiting('charge')).toMatchObject({ waiting: 1, delayed: 1 });
    expect(queue.take('charge')?.key).toBe('task2');
    now += 49;
    expect(queue.take('charge')).toBeNull();
    now += 1;
    expect(queue.take('charge')?.key).toBe('task1');
  });
});
