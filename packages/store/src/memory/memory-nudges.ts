/*
 * Ownership: the list of nudges and the callers that wait for one.
 * Interface: `Nudges`.
 * Invariants: a nudge goes to one caller; callers are served in the order in which they came; nobody waits beyond its
 * time, its signal, or the end of the list.
 */
import type { RunId } from '@joinery/core';
import type { Nudges } from '../nudges.ts';

/** Nudges kept at most; older ones are dropped, and the sweep does their work. */
const NUDGE_LIMIT = 10_000;

interface Waiting {
  readonly limit: number;
  readonly answer: (runIds: readonly RunId[]) => void;
}

/** Nudges in memory. */
export function createMemoryNudges(): Nudges {
  const nudges: RunId[] = [];
  const waiting = new Set<Waiting>();
  let isClosed = false;
  const serve = (): void => {
    for (const caller of waiting) {
      if (nudges.length === 0) return;
      caller.answer(nudges.splice(0, caller.limit));
    }
  };
  return {
    push: async (runIds) => {
      nudges.push(...runIds);
      nudges.splice(0, nudges.length - NUDGE_LIMIT);
      serve();
    },
    pop: async (waitMs, limit, signal) => {
      if (isClosed || signal.aborted) return [];
      if (nudges.length > 0 || waitMs <= 0) return nudges.splice(0, limit);
      return new Promise((resolve) => {
        const end = (): void => caller.answer([]);
        const timer = setTimeout(end, waitMs);
        const caller: Waiting = {
          limit,
          answer: (runIds) => {
            clearTimeout(timer);
            signal.removeEventListener('abort', end);
            waiting.delete(caller);
            resolve(runIds);
          },
        };
        signal.addEventListener('abort', end);
        waiting.add(caller);
      });
    },
    close: async () => {
      isClosed = true;
      for (const caller of waiting) caller.answer([]);
    },
  };
}
