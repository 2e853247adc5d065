import { isTerminalRun, type RunId } from '@joinery/core';
import { type RunStore } from '@joinery/store';
import { type CommitNote } from '../history/evidence.ts';

/** What processes were seen to do with a store. */
export interface Observations {
  readonly commits: CommitNote[];
  readonly ended: Set<RunId>;
  /** Commits that were refused. */
  refused: number;
  /** Loads, commits, claims and results so far: when it stands still, nothing moves. */
  moves: number;
}

/** No observations yet. */
export function newObservations(): Observations {
  return { commits: [], ended: new Set(), refused: 0, moves: 0 };
}

/** The same store, with its commits noted and its ends counted: asking the store itself would cost far more. */
export function observeStore(store: RunStore, seen: Observations): RunStore {
  return {
    ...store,
    load: (args) => {
      seen.moves += 1;
      return store.load(args);
    },
    claim: (args) => {
      seen.moves += 1;
      return store.claim(args);
    },
    complete: async (args) => {
      seen.moves += 1;
      const reply = await store.complete(args);
      if (reply.type === 'decided' && isTerminalRun(reply.status)) seen.ended.add(args.runId);
      return reply;
    },
    commit: async (args) => {
      seen.moves += 1;
      const reply = await store.commit(args);
      if (reply.type === 'refused') seen.refused += 1;
      if (reply.type !== 'committed') return reply;
      const { runId, fence } = args;
      seen.commits.push({ runId, fence, version: reply.version });
      if (isTerminalRun(reply.status)) seen.ended.add(runId);
      return reply;
    },
  };
}
