import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { jobIdOf, type JobQueue, type TaskJob } from '@joinery/queues';
import { taskJob } from './task-job.fixture.ts';

/** A queue under test, and a worker of it that can be asked. */
export interface JobQueueHarness {
  readonly queue: JobQueue;
  /** Takes the next job of the type and leaves it active. */
  take(taskType: string): Promise<TaskJob | null>;
  /** Empties what is behind the queue. */
  forget(): Promise<void>;
}

async function scanAll(queue: JobQueue, taskType: string, limit: number): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | null = null;
  do {
    const page = await queue.scan(taskType, cursor, limit);
    expect(page.jobs.length).toBeLessThanOrEqual(limit);
    found.push(...page.jobs.map(({ id, state, job }) => `${state} ${id} ${job?.key}`));
    cursor = page.cursor;
  } while (cursor !== null);
  return found;
}

/** What every JobQueue must do. */
export function describeJobQueue(name: string, open: () => Promise<JobQueueHarness>): void {
  describe(`the job queue (${name})`, () => {
    let harness: JobQueueHarness;
    let queue: JobQueue;
    beforeEach(async () => {
      harness = await open();
      queue = harness.queue;
    });
    afterEach(() => queue.close());

    it('hands out jobs of a type in order of arrival, unprioritised ones first, then by priority', async () => {
      await queue.enqueue([
        taskJob('low', { priority: 99 }),
        taskJob('high', { priority: 1 }),
        taskJob('a'),
        taskJob('other', { taskType: 'ship' }),
        taskJob('high2', { priority: 1 }),
        taskJob('b'),
      ]);
      const taken: (string | undefined)[] = [];
      for (let i = 0; i < 6; i += 1) taken.push((await harness.take('charge'))?.key);
      expect(taken).toEqual(['taska', 'taskb', 'taskhigh', 'taskhigh2', 'tasklow', undefined]);
    });

    it('gives back the data that was put in', async () => {
      const job = taskJob(1, { traceId: 't', priority: 7, attempt: 3, dispatch: 2 });
      await queue.enqueue([job]);
      expect(await harness.take('charge')).toEqual(job);
    });

    it('ignores an id that it knows, waiting or active, and says so', async () => {
      expect(await queue.enqueue([taskJob(1), taskJob(1), taskJob(2)])).toEqual([
        'added',
        'duplicate',
        'added',
      ]);
      await harness.take('charge');
      expect(await queue.enqueue([taskJob(1), taskJob(2), taskJob(3)])).toEqual([
        'duplicate',
        'duplicate',
        'added',
      ]);
      expect(await queue.waiting('charge')).toMatchObject({ waiting: 2, active: 1 });
    });

    it('takes another dispatch of the same attempt, and a removed id again', async () => {
      await queue.enqueue([taskJob(1)]);
      expect(await queue.enqueue([taskJob(1, { dispatch: 2 })])).toEqual(['added']);
      await queue.remove([taskJob(1)]);
      expect(await queue.enqueue([taskJob(1)])).toEqual(['added']);
    });

    it('keeps equal ids of different task types apart', async () => {
      const twin = taskJob(1, { taskType: 'ship' });
      expect(await queue.enqueue([taskJob(1)])).toEqual(['added']);
      expect(await queue.exists([taskJob(1), twin])).toEqual([true, false]);
      expect(await queue.enqueue([twin])).toEqual(['added']);
    });

    it('knows which jobs exist, one answer each', async () => {
      await queue.enqueue([taskJob(1), taskJob(3), taskJob(4, { priority: 5 })]);
      await harness.take('charge');
      const asked = [taskJob(1), taskJob(2), taskJob(3), taskJob(4)];
      expect(await queue.exists(asked)).toEqual([true, false, true, true]);
      expect(await queue.exists([])).toEqual([]);
    });

    it('removes what waits, and leaves alone what is absent or active', async () => {
      await queue.enqueue([taskJob(1), taskJob(2)]);
      await harness.take('charge');
      await queue.enqueue([taskJob(4, { priority: 5 })]);
      const jobs = [1, 2, 3, 4].map((n) => taskJob(n));
      expect(await queue.remove(jobs)).toEqual([false, true, false, true]);
      const priority = taskJob(4, { priority: 5 });
      expect(await queue.exists([...jobs, priority])).toEqual([true, false, false, false, false]);
      expect(await queue.remove(jobs)).toEqual([false, false, false, false]);
    });

    it('counts by state', async () => {
      const none = { waiting: 0, active: 0, prioritized: 0, delayed: 0, isPaused: false };
      expect(await queue.waiting('charge')).toEqual(none);
      await queue.enqueue([1, 2, 3].map((n) => taskJob(n)));
      await queue.enqueue([taskJob(4, { priority: 1 })]);
      await harness.take('charge');
      expect(await queue.waiting('charge')).toEqual({
        ...none,
        waiting: 2,
        active: 1,
        prioritized: 1,
      });
    });

    it.each([1, 2, 100])(
      'scans every job once, %i at a time, while nothing moves',
      async (limit) => {
        const jobs = [1, 2, 3].map((n) => taskJob(n));
        const first = taskJob(4, { priority: 1 });
        await queue.enqueue([...jobs, first]);
        await harness.take('charge');
        const found = await scanAll(queue, 'charge', limit);
        expect(found.toSorted()).toEqual([
          `active ${jobIdOf(taskJob(1))} task1`,
          `prioritized ${jobIdOf(first)} task4`,
          `waiting ${jobIdOf(taskJob(2))} task2`,
          `waiting ${jobIdOf(taskJob(3))} task3`,
        ]);
        expect(await scanAll(queue, 'nothing', limit)).toEqual([]);
      },
    );

    it('does not overlook a job that a worker takes during the scan', async () => {
      await queue.enqueue([1, 2, 3, 4].map((n) => taskJob(n)));
      const seen = new Set<string>();
      let cursor: string | null = null;
      do {
        const page = await queue.scan('charge', cursor, 1);
        for (const { id } of page.jobs) seen.add(id);
        await harness.take('charge');
        cursor = page.cursor;
      } while (cursor !== null);
      expect(seen.size).toBe(4);
    });

    it('refuses a cursor that it did not give', async () => {
      await expect(queue.scan('charge', 'failed:0', 10)).rejects.toThrow('scan cursor');
      await expect(queue.scan('charge', 'waiting:-1', 10)).rejects.toThrow('scan cursor');
    });

    it('knows its task types, whatever they are called, until everything is forgotten', async () => {
      const odd = 'a:b {c} =é/%';
      await queue.enqueue([taskJob(1), taskJob(2, { taskType: odd })]);
      expect(await queue.taskTypes()).toEqual([odd, 'charge']);
      expect((await harness.take(odd))?.taskType).toBe(odd);
      await harness.forget();
      expect(await queue.taskTypes()).toEqual([]);
      expect(await queue.enqueue([taskJob(1)])).toEqual(['added']);
      expect(await queue.taskTypes()).toEqual(['charge']);
    });
  });
}
