import { type JsonObject, partitionOf, type RunId } from '@joinery/core';
import {
  claimTask,
  completeTask,
  createEngine,
  decideRun,
  type Engine,
  type EnginePorts,
  registerDefinition,
  startRun,
} from '@joinery/engine';
import {
  createManualTime,
  createMetrics,
  createRecordingLogger,
  createSeededEntropy,
} from '@joinery/kit';
import { createInMemoryJobQueue } from '@joinery/queues';
import { createMemoryDefinitionStore, createMemoryNudges, createMemoryStore } from '@joinery/store';
import { describe, expect, it } from 'vitest';
import { createSweeper, type SweeperOptions } from './sweeper.ts';

const partitions = 4;
const single: JsonObject = {
  name: 'single',
  tasks: [{ name: 'a', taskReferenceName: 'a', type: 'SIMPLE' }],
};

function memoryPorts(more: Partial<EnginePorts> = {}) {
  const time = createManualTime(1_700_000_000_000);
  const queue = createInMemoryJobQueue({ clock: time });
  const store = createMemoryStore({ partitions, now: () => time.now() });
  const logger = createRecordingLogger();
  const ports: EnginePorts = {
    store,
    definitions: createMemoryDefinitionStore(),
    queue,
    nudges: createMemoryNudges(),
    locks: 'fused',
    clock: time,
    entropy: createSeededEntropy(3),
    logger,
    processId: 'p',
    ...more,
  };
  return { time, queue, store, logger, ports, engine: createEngine(ports, time) };
}

async function startSingle({ engine }: { readonly engine: Engine }): Promise<RunId> {
  await registerDefinition(engine, single);
  return (await startRun(engine, { name: 'single' })).runId;
}

async function started(
  { engine, time }: Pick<ReturnType<typeof memoryPorts>, 'engine' | 'time'>,
  options: SweeperOptions = {},
) {
  const sweeper = createSweeper(engine, { timers: time, ...options });
  await sweeper.start(new AbortController().signal);
  return sweeper;
}

const popAll = (engine: Engine): Promise<readonly RunId[]> =>
  engine.nudges.pop(0, 1_000, new AbortController().signal);

describe('the sweeper', () => {
  it('sends lost jobs again in every partition', async () => {
    const memory = memoryPorts();
    const runIds = new Set<RunId>();
    while (new Set([...runIds].map(partitionOf)).size < partitions) {
      runIds.add(await startSingle(memory));
    }
    memory.queue.forget();
    const sweeper = await started(memory);
    await memory.time.advance(3_000);
    expect(await memory.queue.waiting('a')).toMatchObject({ prioritized: runIds.size });
    await sweeper.drain();
    await sweeper.stop();
    await memory.engine.close();
    expect(memory.time.pendingCount()).toBe(0);
  });

  it('wakes coordinators for runs that need a decision, and decides none itself', async () => {
    const memory = memoryPorts();
    const runId = await startSingle(memory);
    const sweeper = await started(memory);
    await memory.time.advance(95_000);
    expect(await popAll(memory.engine)).toContain(runId);
    expect((await memory.store.find(runId))?.decision).toBe(1);
    await sweeper.stop();
  });

  it('S2 a partition that fails does not keep it from the others', async () => {
    const memory = memoryPorts();
    const runIds: RunId[] = [];
    for (let count = 0; count < 12; count += 1) runIds.push(await startSingle(memory));
    memory.queue.forget();
    const broken = Math.min(...runIds.map(partitionOf));
    const take: EnginePorts['store']['take'] = (partition, limit) =>
      partition === broken
        ? Promise.reject(new Error('away'))
        : memory.store.take(partition, limit);
    const engine = createEngine({ ...memory.ports, store: { ...memory.store, take } }, memory.time);
    const sweeper = await started({ engine, time: memory.time });
    await memory.time.advance(5_000);
    const healthy = runIds.filter((runId) => partitionOf(runId) !== broken);
    expect(await memory.queue.waiting('a')).toMatchObject({ prioritized: healthy.length });
    expect(memory.logger.events()).toContain('pass.failed');
    await sweeper.stop();
  });

  it('S3 takes a partition with very many due runs in several passes', async () => {
    const memory = memoryPorts();
    for (let count = 0; count < 60; count += 1) await startSingle(memory);
    let taken = 0;
    const take: EnginePorts['store']['take'] = async (partition, limit) => {
      const reply = await memory.store.take(partition, limit);
      taken += reply.runIds.length;
      expect(reply.runIds.length).toBeLessThanOrEqual(2);
      return reply;
    };
    await memory.store.makeAllDue();
    const engine = createEngine({ ...memory.ports, store: { ...memory.store, take } }, memory.time);
    const sweeper = await started({ engine, time: memory.time }, { batch: 2 });
    await memory.time.advance(0);
    expect(taken).toBeLessThanOrEqual(2 * 5 * partitions);
    await memory.time.advance(1_000);
    expect(taken).toBeGreaterThanOrEqual(60);
    await sweeper.stop();
  });

  it('removes orphaned jobs, looking at each queue once a minute', async () => {
    const memory = memoryPorts();
    await startSingle(memory);
    const job = memory.queue.take('a');
    if (job === null) throw new Error('no job');
    memory.queue.finish(job);
    const orphan = { ...job, runId: '00-goneforever', taskId: '00-goneforever.a' };
    await memory.queue.enqueue([orphan]);
    const sweeper = await started(memory);
    await memory.time.advance(3_000);
    expect(await memory.queue.exists([orphan])).toEqual([false]);
    await memory.queue.enqueue([orphan]);
    await memory.time.advance(50_000);
    expect(await memory.queue.exists([orphan])).toEqual([true]);
    await memory.time.advance(15_000);
    expect(await memory.queue.exists([orphan])).toEqual([false]);
    await sweeper.stop();
  });

  it('says when nobody has swept for a while', async () => {
    const memory = memoryPorts();
    const sweeper = await started(memory);
    await memory.time.advance(1_000);
    await sweeper.stop();
    await memory.time.advance(60_000);
    const next = await started(memory);
    await memory.time.advance(1_000);
    expect(memory.logger.events().filter((event) => event === 'sweep.missed')).toHaveLength(4);
    await next.stop();
  });

  it('shows for how long a run has waited for its decision, and that it does no more', async () => {
    const metrics = createMetrics();
    const memory = memoryPorts({ metrics });
    const runId = await startSingle(memory);
    const job = memory.queue.take('a');
    if (job === null) throw new Error('no job');
    const claim = await claimTask(memory.engine, { job, worker: 'w', leaseMs: 60_000 });
    if (claim.type !== 'claimed') throw new Error(claim.type);
    const result = { status: 'COMPLETED', output: {}, reason: '' } as const;
    const { key, attempt } = claim.row;
    const sweeper = await started(memory);
    await memory.time.advance(4_000);
    const shown = async (): Promise<number> => {
      const line = `joinery_oldest_undecided_seconds{partition="${partitionOf(runId)}"} `;
      const found = (await metrics.render()).split('\n').find((each) => each.startsWith(line));
      return Number(found?.slice(line.length));
    };
    expect(await shown()).toBe(0);
    const since = memory.time.now();
    await completeTask(memory.engine, { runId, key, attempt, token: claim.token, ...result });
    for (const waitedMs of [3_000, 10_000, 60_000]) {
      await memory.time.advance(waitedMs - memory.time.now() + since);
      expect(await shown()).toBeGreaterThan(waitedMs / 1_000 - 2);
      expect(await shown()).toBeLessThanOrEqual(waitedMs / 1_000);
    }
    await decideRun(memory.engine, runId);
    await memory.time.advance(4_000);
    expect(await shown()).toBe(0);
    await sweeper.stop();
  });

  it('survives being started and stopped many times', async () => {
    const memory = memoryPorts();
    for (let count = 0; count < 30; count += 1) {
      const sweeper = await started(memory);
      await memory.time.advance(count * 40);
      await sweeper.drain();
      await sweeper.stop();
    }
    expect(memory.time.pendingCount()).toBe(0);
  });
});
