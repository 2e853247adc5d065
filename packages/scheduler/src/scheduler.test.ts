import { type JsonObject, partitionOf } from '@joinery/core';
import { createEngine, type EnginePorts, registerDefinition, startRun } from '@joinery/engine';
import { createManualTime, createRecordingLogger, createSeededEntropy } from '@joinery/kit';
import { createInMemoryJobQueue } from '@joinery/queues';
import { createMemoryDefinitionStore, createMemoryNudges, createMemoryStore } from '@joinery/store';
import { describe, expect, it } from 'vitest';
import { createScheduler, startHandlersOf, type StartHandlers } from './scheduler.ts';

const single: JsonObject = {
  name: 'single',
  tasks: [{ name: 'a', taskReferenceName: 'a', type: 'SIMPLE' }],
};

async function memoryEngine(overrides: Partial<EnginePorts> = {}) {
  const time = createManualTime(1_700_000_000_000);
  const queue = createInMemoryJobQueue({ clock: time });
  const store = createMemoryStore({ partitions: 4, now: () => time.now() });
  const logger = createRecordingLogger();
  const ports: EnginePorts = {
    store,
    definitions: createMemoryDefinitionStore(),
    queue,
    nudges: createMemoryNudges(),
    locks: 'fused',
    clock: time,
    entropy: createSeededEntropy(5),
    logger,
    processId: 'p',
    ...overrides,
  };
  const engine = createEngine(ports, time);
  await registerDefinition(engine, single);
  /** Another process that dies at its first relay. */
  const dying = createEngine(
    {
      ...ports,
      crashPoint: (point) => {
        if (point === 'before-relay') throw new Error('SIGKILL');
      },
    },
    time,
  );
  return { time, queue, store, logger, ports, engine, dying };
}

const signal = new AbortController().signal;

describe('the scheduler', () => {
  it('R1 relays what a dead process has left over, once', async () => {
    const { engine, dying, time, queue, logger } = await memoryEngine();
    await expect(startRun(dying, { name: 'single' })).rejects.toThrow('SIGKILL');
    const scheduler = createScheduler(engine, { timers: time });
    await scheduler.start(signal);
    await time.advance(150);
    expect(queue.take('a')).toBeNull();
    await time.advance(400);
    expect(queue.take('a')).toMatchObject({ attempt: 1, dispatch: 1 });
    await time.advance(5_000);
    expect(logger.events().filter((event) => event === 'letters.relayed')).toHaveLength(1);
    await scheduler.drain();
    await scheduler.stop();
    expect(time.pendingCount()).toBe(0);
  });

  it('R1 leaves letters where they are while the queue is away, and relays them afterwards', async () => {
    const { ports, time, queue, engine } = await memoryEngine();
    let isAway = true;
    const flaky: EnginePorts['queue'] = {
      ...queue,
      enqueue: (jobs) => (isAway ? Promise.reject(new Error('away')) : queue.enqueue(jobs)),
    };
    const behind = createEngine({ ...ports, queue: flaky }, time);
    await startRun(behind, { name: 'single' });
    const scheduler = createScheduler(behind, { timers: time });
    await scheduler.start(signal);
    await time.advance(2_000);
    expect(queue.take('a')).toBeNull();
    isAway = false;
    await time.advance(1_000);
    expect(queue.take('a')).not.toBeNull();
    await scheduler.stop();
    await engine.close();
  });

  it('R1 finds nothing to relay in a healthy system', async () => {
    const { engine, time, logger } = await memoryEngine();
    const scheduler = createScheduler(engine, { timers: time });
    await scheduler.start(signal);
    for (let count = 0; count < 20; count += 1) {
      await startRun(engine, { name: 'single' });
      await time.advance(130);
    }
    expect(logger.events()).not.toContain('letters.relayed');
    await scheduler.stop();
  });

  it('R2 a partition that fails does not keep the others from being relayed', async () => {
    const { ports, dying, store, time, queue } = await memoryEngine();
    for (let count = 0; count < 12; count += 1) {
      await startRun(dying, { name: 'single' }).catch(() => undefined);
    }
    // Whichever has letters: ids of runs are drawn.
    const [away] = (await store.list(1)).map(({ runId }) => partitionOf(runId));
    let refused = 0;
    const unsent: typeof store.unsent = async (partition, olderThanMs, limit) => {
      const letters = await store.unsent(partition, olderThanMs, limit);
      if (partition !== away) return letters;
      refused = letters.length;
      throw new Error('away');
    };
    const engine = createEngine({ ...ports, store: { ...store, unsent } }, time);
    const scheduler = createScheduler(engine, { timers: time });
    await scheduler.start(signal);
    const relayed = async () => (await queue.waiting('a')).prioritized;
    for (let pass = 0; pass < 20 && (await relayed()) + refused < 12; pass += 1) {
      await time.advance(200);
    }
    expect(refused).toBeGreaterThan(0);
    expect(await relayed()).toBe(12 - refused);
    await scheduler.stop();
  });

  it('R3 serves the start queue, and starts one run for a job that is delivered twice', async () => {
    const { engine, time, store } = await memoryEngine();
    let handlers: StartHandlers | undefined;
    const closes: number[] = [];
    const scheduler = createScheduler(engine, {
      timers: time,
      drainMs: 123,
      serveStarts: (given) => {
        handlers = given;
        return { close: async (deadlineMs) => closes.push(deadlineMs) };
      },
    });
    await scheduler.start(signal);
    if (handlers === undefined) throw new Error('nobody serves');
    const request = handlers.parse({ name: 'single', input: { x: 1 }, version: 0 });
    const queued = { request, defaultIdempotencyKey: 'job-1' };
    const first = await handlers.start(queued);
    const again = await handlers.start(queued);
    expect([first.isNew, again]).toEqual([true, { runId: first.runId, isNew: false }]);
    expect(await store.list(10)).toHaveLength(1);
    await scheduler.drain();
    await scheduler.stop();
    expect(closes).toEqual([123]);
  });

  it('R3 refuses what is no request with a code', async () => {
    const { engine } = await memoryEngine();
    const { parse, start } = startHandlersOf(engine);
    expect(() => parse({ priority: 7 })).toThrow(
      expect.objectContaining({ code: 'JN_REQUEST_INVALID' }),
    );
    const unknown = start({ request: { name: 'nobody' }, defaultIdempotencyKey: 'k' });
    await expect(unknown).rejects.toMatchObject({ code: 'JN_DEF_NOT_FOUND' });
  });
});
