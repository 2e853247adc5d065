import { createEngine, type Engine } from '@joinery/engine';
import { createManualTime, createRecordingLogger, createSeededEntropy } from '@joinery/kit';
import { createInMemoryJobQueue, type JobFetcher } from '@joinery/queues';
import {
  createMemoryDefinitionStore,
  createMemoryNudges,
  createMemoryStore,
  type Poll,
} from '@joinery/store';
import { expect, it } from 'vitest';
import { createRemoteDesk, DESKS_LIMIT } from './remote-desk.ts';

const fetcher: JobFetcher = {
  next: () => Promise.resolve(null),
  tryNext: () => Promise.resolve(null),
  close: () => Promise.resolve(),
};

function engineInMemory(): Engine {
  const time = createManualTime(1_700_000_000_000);
  return createEngine({
    store: createMemoryStore({ partitions: 1, now: () => time.now() }),
    definitions: createMemoryDefinitionStore(),
    nudges: createMemoryNudges(),
    queue: createInMemoryJobQueue({ clock: time }),
    locks: 'fused',
    clock: time,
    entropy: createSeededEntropy(1),
    logger: createRecordingLogger(),
    processId: 'p',
  });
}

it('a desk for all types opens no more connections than its limit, whatever is polled', async () => {
  let count = 0;
  const written: Poll[] = [];
  const desk = createRemoteDesk({
    engine: engineInMemory(),
    polls: {
      note: (polls) => {
        written.push(...polls);
        return Promise.resolve();
      },
      list: () => Promise.resolve(written),
    },
    openFetcher: () => {
      count += 1;
      return fetcher;
    },
  });
  const take = (index: number): Promise<unknown> => desk.take(`type_${index}`, 'w');
  for (let index = 0; index < DESKS_LIMIT; index += 1) expect(await take(index)).toBeNull();
  await expect(take(DESKS_LIMIT)).rejects.toMatchObject({ code: 'JN_SERVER_OVERLOADED' });
  expect(await take(0)).toBeNull();
  expect(count).toBe(DESKS_LIMIT);
  await desk.close();
});
