import { type RunId } from '@joinery/core';
import { type SeededBug } from './seeded-bug.ts';
import { spoiltLook, storeBug } from './spoil-store.ts';

/** Mistakes in attention, relaying and starting: signals that nobody hears again. */
export const sweepBugs: readonly SeededBug[] = [
  storeBug(
    {
      name: 'dirty-run-not-nudged',
      what: 'the sweeper does not wake anybody for a run that needs a decision: one lost nudge, and it stands still',
    },
    (store) => spoiltLook(store, () => ({ needsDecision: false })),
  ),
  storeBug(
    {
      name: 'taken-run-forgotten',
      what: 'a run leaves attention when it is taken',
    },
    (store) => {
      const taken = new Set<RunId>();
      return {
        take: async (partition, limit) => {
          const reply = await store.take(partition, limit);
          const runIds = reply.runIds.filter((runId) => !taken.has(runId));
          for (const runId of runIds) taken.add(runId);
          return { ...reply, runIds };
        },
      };
    },
  ),
  storeBug(
    {
      name: 'lost-job-not-checked',
      what: 'nobody asks whether the job of a dispatch is there still',
    },
    (store) => spoiltLook(store, () => ({ checks: [] })),
  ),
  storeBug(
    {
      name: 'start-without-key',
      what: 'a start that is sent again starts another run',
    },
    (store) => ({
      start: (args) => store.start({ ...args, run: { ...args.run, idempotencyKey: '' } }),
    }),
  ),
];
