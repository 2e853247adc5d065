import type { JsonObject } from '@joinery/core';
import { eventually } from '@joinery/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineTask, RetryableError, type Task, TerminalError } from '../src/index.ts';
import { finish, openPlant, type Plant } from './fixtures/plant.ts';

let plant: Plant;
beforeAll(async () => {
  plant = await openPlant({ appendonly: true });
});
afterAll(() => plant[Symbol.asyncDispose]());

/** Each test has a task type, and so a queue, of its own. */
let typeCount = 0;
let type = '';
beforeEach(() => {
  typeCount += 1;
  type = `type_${typeCount}`;
});

/** A handler that says where it ran. */
const at = (place: string): Task => defineTask({ type, run: () => ({ place }) });
/** A handler that never ends and ignores its signal; one at a time, so that its worker takes nothing else. */
const deaf = (): Task =>
  defineTask({ type, concurrency: 1, run: () => new Promise(() => undefined) });
const isCompleted = async (runId: Parameters<Plant['row']>[0]): Promise<boolean> =>
  (await plant.row(runId)).status === 'COMPLETED';

describe('a worker on Redis', () => {
  it('runs the task of a run, and the run completes with its output', async () => {
    const contexts: JsonObject[] = [];
    const task = defineTask({
      type,
      input: z.object({ width: z.number() }),
      run: ({ width }, ctx) => {
        const { runId, taskRef, attempt, delivery, idempotencyKey } = ctx;
        contexts.push({ runId, taskRef, attempt, delivery, idempotencyKey });
        return { area: width ** 2 };
      },
    });
    await plant.worker({ id: 'w1', tasks: [task] });
    const runId = await plant.start(type, { width: 4 });
    await eventually(() => isCompleted(runId));
    expect(await plant.output(runId)).toEqual({ area: 16 });
    expect(contexts).toEqual([
      { runId, taskRef: 'only', attempt: 1, delivery: 1, idempotencyKey: `${runId}/only` },
    ]);
    expect(await finish(plant.engine, runId)).toBe('COMPLETED');
  });

  it.each([
    ['a terminal error', new TerminalError('no'), 'FAILED_WITH_TERMINAL_ERROR'],
    ['a retryable error', new RetryableError({ message: 'no', retryAfterMs: 9 }), 'FAILED'],
  ])('stores %s as the result of the attempt', async (_name, error, status) => {
    const task = defineTask({
      type,
      run: () => {
        throw error;
      },
    });
    await plant.worker({ id: 'w1', tasks: [task] });
    const runId = await plant.start(type);
    await eventually(async () => (await plant.row(runId)).endedAt > 0);
    expect(await plant.row(runId)).toMatchObject({ status, reason: 'no', attempt: 1 });
  });

  it('tries a task again when its handler asks for it, and not a minute later as by default', async () => {
    const task = defineTask({
      type,
      run: (_input, { attempt }) => {
        if (attempt === 1) throw new RetryableError({ message: 'busy', retryAfterMs: 7 });
        return { attempt };
      },
    });
    await plant.worker({ id: 'w1', tasks: [task] });
    const runId = await plant.start(type);
    await eventually(async () => expect(await finish(plant.engine, runId)).toBe('COMPLETED'));
    const history = await plant.engine.store.history(runId, 1, 100);
    const delays = history.flatMap(({ event }) =>
      event.type === 'task.scheduled' ? [event.delayMs] : [],
    );
    expect(delays).toEqual([0, 7]);
  });

  it('fails a task for good whose output is over the limit of the store', async () => {
    const task = defineTask({ type, run: () => ({ text: 'x'.repeat(10 * 1024 ** 2 + 1) }) });
    await plant.worker({ id: 'w1', tasks: [task] });
    const runId = await plant.start(type);
    await eventually(async () => (await plant.row(runId)).endedAt > 0);
    expect(await plant.row(runId)).toMatchObject({
      status: 'FAILED_WITH_TERMINAL_ERROR',
      reason: expect.stringMatching(/^JN_PAYLOAD_TOO_LARGE/u),
    });
  });

  it('keeps its claim by beats through many leases, though others sweep', async () => {
    let end: (() => void) | undefined;
    const slow = defineTask({ type, run: () => new Promise<void>((resolve) => (end = resolve)) });
    await plant.worker({ id: 'w1', tasks: [slow], timings: { claimLeaseMs: 200 } });
    const runId = await plant.start(type);
    await eventually(async () => (await plant.row(runId)).status === 'IN_PROGRESS');
    const endAt = performance.now() + 800;
    await eventually(async () => {
      await plant.sweep();
      return performance.now() > endAt;
    });
    end?.();
    await eventually(() => isCompleted(runId));
    expect(await plant.row(runId)).toMatchObject({ deliveries: 1, worker: 'w1' });
  });
});

describe('two workers on Redis', () => {
  it('when the first dies without a word, the second runs the attempt, and no retry is burnt', async () => {
    // A process that is gone does not beat; its handler's end is never heard of.
    await plant.worker({
      id: 'dead',
      tasks: [deaf()],
      over: (ports) => ({
        ...ports,
        verbs: { ...ports.verbs, beat: () => new Promise(() => undefined) },
      }),
    });
    const runId = await plant.start(type);
    await eventually(async () => (await plant.row(runId)).worker === 'dead');
    await plant.worker({ id: 'alive', tasks: [at('alive')] });
    await eventually(async () => {
      await plant.sweep();
      return isCompleted(runId);
    });
    expect(await plant.row(runId)).toMatchObject({ attempt: 1, deliveries: 2, worker: 'alive' });
    expect(await plant.output(runId)).toEqual({ place: 'alive' });
  });

  it('when the first wakes up too late, its result changes nothing', async () => {
    let wake: (() => void) | undefined;
    const sleepy = defineTask({
      type,
      run: () => new Promise((resolve) => (wake = () => resolve({ place: 'late' }))),
    });
    const silent = { beat: () => Promise.reject(new Error('cut off')) };
    await plant.worker({
      id: 'cut-off',
      tasks: [sleepy],
      over: (ports) => ({ ...ports, verbs: { ...ports.verbs, ...silent } }),
    });
    const runId = await plant.start(type);
    await eventually(async () => (await plant.row(runId)).worker === 'cut-off');
    await plant.worker({ id: 'second', tasks: [at('second')] });
    await eventually(async () => {
      await plant.sweep();
      return isCompleted(runId);
    });
    wake?.();
    await eventually(() =>
      plant.logger.lines.some((line) => line.event === 'result.refused' && line.runId === runId),
    );
    expect(await plant.output(runId)).toEqual({ place: 'second' });
  });

  it('when a handler ignores that its claim was lost, its slot is free for the next task', async () => {
    let calls = 0;
    const firstDeaf = defineTask({
      type,
      concurrency: 1,
      run: () => {
        calls += 1;
        return calls === 1 ? new Promise(() => undefined) : { calls };
      },
    });
    const lost = { beat: (items: readonly unknown[]) => Promise.resolve(items.map(() => false)) };
    await plant.worker({
      id: 'w1',
      tasks: [firstDeaf],
      timings: { abandonAfterMs: 50 },
      over: (ports) => ({ ...ports, verbs: { ...ports.verbs, ...lost } }),
    });
    await plant.start(type);
    await eventually(() => calls === 1);
    const runId = await plant.start(type);
    await eventually(() => isCompleted(runId));
    expect(await plant.output(runId)).toEqual({ calls: 2 });
  });

  it('when the first is stopped, the second has its attempt within two seconds', async () => {
    const first = await plant.worker({ id: 'first', tasks: [deaf()] });
    const runId = await plant.start(type);
    await eventually(async () => (await plant.row(runId)).worker === 'first');
    await plant.worker({ id: 'second', tasks: [at('second')] });
    const stoppedAt = performance.now();
    await first.stop();
    await eventually(() => isCompleted(runId));
    // No sweep has run: the hand-back alone has brought it over.
    expect(performance.now() - stoppedAt).toBeLessThan(2_000);
    expect(await plant.row(runId)).toMatchObject({ attempt: 1, deliveries: 2, worker: 'second' });
  });
});

describe('a worker whose Redis is killed', () => {
  it('still stores the result that it reached meanwhile, when Redis is back', async () => {
    let end: (() => void) | undefined;
    const slow = defineTask({
      type,
      run: () => new Promise((resolve) => (end = () => resolve({ survived: true }))),
    });
    await plant.worker({ id: 'w1', tasks: [slow] });
    const runId = await plant.start(type);
    await eventually(async () => (await plant.row(runId)).status === 'IN_PROGRESS');
    await plant.redis.kill();
    end?.();
    await plant.redis.restart();
    await eventually(() => isCompleted(runId), { withinMs: 10_000 });
    expect(await plant.output(runId)).toEqual({ survived: true });
  }, 20_000);
});
