import { parseRunId, partitionOf, type RunId, runIdOf } from '@joinery/core';
import { type StartReply } from '@joinery/store';
import { type SeededBug } from './seeded-bug.ts';
import { storeBug } from './spoil-store.ts';

const richAndHealthy = { family: 'rich', faults: 0 } as const;

/** Mistakes in letters between runs. */
export const letterBugs: readonly SeededBug[] = [
  storeBug(
    {
      name: 'child-started-twice',
      what: 'a start of a child that is delivered again makes another child',
      drawn: { family: 'rich', faults: 20 },
    },
    (store) => {
      const started = new Set<RunId>();
      return {
        start: (args) => {
          const { run } = args;
          const isAgain = run.parent !== null && started.has(run.id);
          started.add(run.id);
          const other = runIdOf(partitionOf(run.id), `other${run.id.slice(8)}`);
          return store.start(isAgain ? { ...args, run: { ...run, id: other } } : args);
        },
      };
    },
  ),
  storeBug(
    {
      name: 'start-acknowledged-first',
      what: 'the letter that starts a child is acknowledged and not delivered',
      showsWhenHealthy: true,
      drawn: richAndHealthy,
    },
    (store) => {
      const asked = new Set<RunId>();
      return {
        start: async (args): Promise<StartReply> => {
          const { id, parent } = args.run;
          if (parent === null || asked.has(id)) return store.start(args);
          asked.add(id);
          return { type: 'started', runId: id };
        },
      };
    },
  ),
  storeBug(
    {
      name: 'notify-dropped',
      what: 'the end of a child is acknowledged and its parent not told',
      showsWhenHealthy: true,
      drawn: richAndHealthy,
    },
    (store) => {
      const told = new Set<string>();
      return {
        complete: async (args) => {
          if (parseRunId(args.token) === null || told.has(args.token)) return store.complete(args);
          told.add(args.token);
          return { type: 'stored', isDirty: false };
        },
      };
    },
  ),
  storeBug(
    {
      name: 'cancel-lost',
      what: 'the letter that ends a child is acknowledged, and the child goes on',
      drawn: { family: 'rich' },
    },
    (store) => ({
      commit: async (args) =>
        args.requestId.startsWith('cancel-')
          ? { type: 'committed', version: 0, status: 'TERMINATED', isDirty: false }
          : store.commit(args),
    }),
  ),
  storeBug(
    {
      name: 'child-failure-hidden',
      what: 'a child that failed completes the task that waits for it',
      showsWhenHealthy: true,
      drawn: richAndHealthy,
    },
    (store) => ({
      complete: (args) =>
        store.complete(parseRunId(args.token) === null ? args : { ...args, status: 'COMPLETED' }),
    }),
  ),
];
