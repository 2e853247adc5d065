import { type DispatchLetter, letterIdOf, taskIdOf } from '@joinery/core';
import { type EnqueueResult, type TaskJob } from '@joinery/queues';
import { type AddressedLetter } from './addressed-letter.ts';
import { type Engine } from '../engine.ts';
import { findOrphans } from '../looks/find-orphans.ts';

/** The job that asks a worker to look at the attempt of this letter. */
export function jobOf({
  runId,
  definition,
  traceId,
  letter,
}: AddressedLetter<DispatchLetter>): TaskJob {
  const { key, attempt, dispatch, taskType, ref } = letter;
  const taskId = taskIdOf(runId, key);
  const priority = queuePriorityOf(letter.priority);
  const job = { runId, key, taskId, attempt, dispatch, taskType, definition, ref, priority };
  const limited = letter.limits === undefined ? job : { ...job, limits: letter.limits };
  return traceId === '' ? limited : { ...limited, traceId };
}

/**
 * Hands dispatches on to their queues and marks them sent. Answers how many were handed on: a queue that is away leaves
 * them unsent in their outboxes, from where the scheduler takes them. `since`: a moment of this process' clock before
 * the letters were written. Once somebody else may have relayed them too, served attempts get no second job.
 */
export async function enqueueLetters(
  engine: Engine,
  letters: readonly AddressedLetter<DispatchLetter>[],
  since: number,
): Promise<number> {
  if (letters.length === 0) return 0;
  const jobs = letters.map(jobOf);
  const results = await enqueue(engine, jobs);
  if (results === null) return 0;
  await engine.crashPoint?.('after-enqueue');
  if (engine.clock.now() - since >= engine.tunables().relayAfterMs) {
    await withdrawServed(
      engine,
      jobs.filter((_job, index) => results[index] === 'added'),
    );
  }
  engine.sentMarks.add(
    letters.map(({ runId, letter }) => ({ runId, letterId: letterIdOf(letter) })),
  );
  return letters.length;
}

async function enqueue(
  engine: Engine,
  jobs: readonly TaskJob[],
): Promise<readonly EnqueueResult[] | null> {
  try {
    return await engine.queue.enqueue(jobs);
  } catch (err) {
    engine.meters.relayFailed(jobs.length);
    engine.logger.warn(
      { event: 'relay.failed', count: jobs.length, err },
      'letters stay in their outboxes; the scheduler relays them',
    );
    return null;
  }
}

/**
 * Takes back jobs whose attempts were served between the reading of their letters and now: BullMQ does not remember the
 * ids of finished jobs. Failing or dying before it costs jobs that workers refuse.
 */
async function withdrawServed(engine: Engine, jobs: readonly TaskJob[]): Promise<void> {
  try {
    const served = await findOrphans(engine, jobs);
    if (served.length > 0) await engine.queue.remove(served.map(({ job }) => job));
  } catch (err) {
    engine.logger.warn(
      { event: 'relay.not-withdrawn', count: jobs.length, err },
      'jobs that may have been served stay in their queues; workers refuse them',
    );
  }
}

/**
 * BullMQ serves 0 first and then 1, 2, 3 …; with us the higher number goes first, and most runs have 0. So nobody gets
 * BullMQ's 0, and our 0 and 1 share its last place.
 */
function queuePriorityOf(priority: number): number {
  return Math.min(99, 100 - priority);
}
