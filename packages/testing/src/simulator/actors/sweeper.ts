import {
  advanceGates,
  lookAtRuns,
  ORPHAN_GRACE_MS,
  type QueuePosition,
  type QueueReport,
  repairQueue,
} from '@joinery/engine';
import { type SimProcess } from '../sim-process.ts';

/** As in production. */
const EVERY_MS = 500;
/** More often than in production, so that it happens at all in a short simulation. */
const QUEUES_EVERY_MS = 10_000;

/** Looks at what is due in all partitions, compares the queues now and then, removes what is over. */
export async function sweep(process: SimProcess): Promise<void> {
  const { scenario, watch, clock } = process.world;
  let queuesAt = clock.now() + QUEUES_EVERY_MS;
  for (;;) {
    // Passes before anything is due find nothing, and are left out. What is due at gates is not known beforehand.
    const compareAt = queuesAt;
    const isLimited = scenario.family === 'limited';
    await process.sleep(
      EVERY_MS,
      isLimited ? undefined : () => Math.min(watch.firstAttention(), compareAt),
    );
    if (isLimited) await process.attempt(() => advanceGates(process.engine));
    for (let partition = 0; partition < scenario.partitions; partition += 1) {
      await process.attempt(async () => void (await lookAtRuns(process.engine, partition)));
    }
    if (clock.now() < queuesAt) continue;
    queuesAt = clock.now() + QUEUES_EVERY_MS;
    await process.attempt(() => compareQueues(process));
  }
}

async function compareQueues(process: SimProcess): Promise<void> {
  const { engine } = process;
  for (const taskType of await engine.queue.taskTypes()) {
    let from: QueuePosition | null = null;
    do {
      const { next }: QueueReport = await repairQueue(engine, taskType, { from });
      from = next;
      if (from !== null && from.suspects.length > 0) await process.sleep(ORPHAN_GRACE_MS);
    } while (from !== null);
  }
}
