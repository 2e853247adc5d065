import { spoiltLook, spoiltStore, storeBug } from './spoil-store.ts';
import { type SeededBug } from './seeded-bug.ts';

const bumpy = { family: 'small', faults: 12 } as const;

/** Mistakes in who wakes whom: signals and claims that are lost with the process that had them. */
export const wakeBugs: readonly SeededBug[] = [
  storeBug(
    {
      name: 'dirty-cleared-before-load',
      what: 'whoever loads a run takes its dirty mark away, and dies with it',
      drawn: bumpy,
    },
    (store, view) =>
      spoiltLook(store, ({ runId, needsDecision }) => ({
        needsDecision: needsDecision && (view.peek(runId)?.record.loads ?? 0) === 0,
      })),
  ),
  {
    name: 'no-second-look',
    what: 'whoever has decided releases the lock without looking once more, and the sweeper trusts him',
    showsWhenHealthy: false,
    spoil: (ports) => {
      const { store } = ports;
      return {
        ...ports,
        store: spoiltStore(store, {
          find: async (runId) => {
            const run = await store.find(runId);
            return run === null ? null : { ...run, dirty: run.seen };
          },
          ...spoiltLook(store, () => ({ needsDecision: false })),
        }),
      };
    },
  },
  storeBug(
    {
      name: 'lease-without-end',
      what: 'a claim is good for an hour, whoever has died',
      drawn: bumpy,
    },
    (store) => ({ claim: (args) => store.claim({ ...args, leaseMs: 1_200 * args.leaseMs }) }),
  ),
  {
    name: 'job-id-reused',
    what: 'a redelivery has the id of the first dispatch, which the queue knows or the claim refuses',
    showsWhenHealthy: false,
    drawn: bumpy,
    spoil: (ports) => ({
      ...ports,
      queue: new Proxy(ports.queue, {
        get: (queue, key): unknown => {
          if (key !== 'enqueue') return Reflect.get(queue, key);
          return (jobs: Parameters<typeof queue.enqueue>[0]) =>
            queue.enqueue(jobs.map((job) => ({ ...job, dispatch: 1 })));
        },
      }),
    }),
  },
  storeBug(
    {
      name: 'partition-not-swept',
      what: 'nobody looks at the runs of the last partition',
      drawn: bumpy,
    },
    (store) => ({
      take: async (partition, limit) => {
        const reply = await store.take(partition, limit);
        return partition === store.partitions - 1 ? { ...reply, runIds: [] } : reply;
      },
    }),
  ),
  storeBug(
    {
      name: 'pause-without-effect',
      what: 'a pause is recorded, and the run goes on',
    },
    (store) => ({
      commit: (args) =>
        store.commit({
          ...args,
          commands: args.commands.filter(
            (command) => command.type !== 'patch-run' || command.patch.status !== 'PAUSED',
          ),
        }),
    }),
  ),
  storeBug(
    {
      name: 'letters-dropped-at-end',
      what: 'the letters of a run are forgotten when it has ended',
      drawn: { family: 'rich' },
    },
    (store, view) => ({
      commit: async (args) => {
        const reply = await store.commit(args);
        const run = view.peek(args.runId);
        if (run !== null && run.record.endedAt > 0) {
          await store.acknowledge(args.runId, Object.keys(run.outbox));
        }
        return reply;
      },
    }),
  ),
];
