import { createEngine, putSchedule, registerDefinition } from '@joinery/engine';
import { createManualTime, createRecordingLogger, createSeededEntropy } from '@joinery/kit';
import { createInMemoryJobQueue } from '@joinery/queues';
import {
  createMemoryAgenda,
  createMemoryDefinitionStore,
  createMemoryNudges,
  createMemoryStore,
} from '@joinery/store';
import { expect, it } from 'vitest';
import { createScheduleRunner } from './schedule-runner.ts';

it('starts runs on time, takes a change on at once, and leaves no timer behind', async () => {
  const time = createManualTime(1_700_000_000_000);
  const now = (): number => time.now();
  const store = createMemoryStore({ partitions: 1, now });
  const engine = createEngine(
    {
      store,
      definitions: createMemoryDefinitionStore(),
      queue: createInMemoryJobQueue({ clock: time }),
      nudges: createMemoryNudges(),
      locks: 'fused',
      clock: time,
      entropy: createSeededEntropy(1),
      logger: createRecordingLogger(),
      processId: 'p',
    },
    time,
  );
  await registerDefinition(engine, {
    name: 'w',
    tasks: [{ name: 'a', taskReferenceName: 'a', type: 'SIMPLE' }],
  });
  const parts = { engine, agenda: createMemoryAgenda({ now }) };
  const runner = createScheduleRunner(parts, { timers: time });
  await runner.start(new AbortController().signal);
  const count = async (): Promise<number> => (await store.list(100)).length;
  await putSchedule(parts, { name: 's', workflow: { name: 'w' }, interval: '1h' });
  await time.advance(10_000);
  expect(await count()).toBe(0);
  await putSchedule(parts, { name: 's', workflow: { name: 'w' }, interval: '1s' });
  await time.advance(3_400);
  expect(await count()).toBe(3);
  await putSchedule(parts, { name: 's', workflow: { name: 'w' }, interval: '1h' });
  await time.advance(5_000);
  expect(await count()).toBe(3);
  await runner.drain();
  await runner.stop();
  expect(time.pendingCount()).toBe(0);
});
