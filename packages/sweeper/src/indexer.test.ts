import { partitionOf, type RunId } from '@joinery/core';
import { createEngine, registerDefinition, startRun } from '@joinery/engine';
import { createManualTime, createRecordingLogger, createSeededEntropy } from '@joinery/kit';
import { createInMemoryJobQueue } from '@joinery/queues';
import {
  createMemoryDefinitionStore,
  createMemoryNudges,
  createMemoryRunIndex,
  createMemoryStore,
} from '@joinery/store';
import { describe, expect, it } from 'vitest';
import { createIndexer } from './indexer.ts';

async function site() {
  const time = createManualTime(1_700_000_000_000);
  const store = createMemoryStore({ partitions: 2, now: () => time.now() });
  const index = createMemoryRunIndex(2);
  const logger = createRecordingLogger();
  const ports = { definitions: createMemoryDefinitionStore(), nudges: createMemoryNudges() };
  const queue = createInMemoryJobQueue({ clock: time });
  const rest = { locks: 'fused', clock: time, entropy: createSeededEntropy(3), logger } as const;
  const engine = createEngine({ store, queue, ...ports, ...rest, processId: 'p' }, time);
  const tasks = [{ name: 'w', taskReferenceName: 'w', type: 'WAIT' }];
  await registerDefinition(engine, { name: 'hold', tasks });
  const { runId } = await startRun(engine, { name: 'hold' });
  const indexed = async (): Promise<RunId[]> => [
    ...(await index.scan(partitionOf(runId), null)).runIds,
  ];
  return { time, index, engine, logger, runId, indexed };
}

describe('the indexer', () => {
  it('X1 finds what has moved within a second', async () => {
    const { time, index, engine, runId, indexed } = await site();
    const indexer = createIndexer(engine, index, { timers: time });
    await indexer.start(new AbortController().signal);
    await time.advance(1_000);
    expect(await indexed()).toEqual([runId]);
    await indexer.drain();
    await indexer.stop();
    expect(time.pendingCount()).toBe(0);
  });

  it('X2 finds what was lost of the index, and says so', async () => {
    const { time, index, engine, logger, runId, indexed } = await site();
    const indexer = createIndexer(engine, index, { timers: time });
    await indexer.start(new AbortController().signal);
    await time.advance(1_000);
    await index.clear();
    await time.advance(20_000);
    expect(await indexed()).toEqual([runId]);
    expect(logger.events()).toContain('index.repaired');
    await indexer.stop();
  });
});
