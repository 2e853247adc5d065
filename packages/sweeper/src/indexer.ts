/*
 * Ownership: an indexer owns nothing that it could lose: how far its comparison has come, at most.
 * Interface: a Service. Any number of them, killable anywhere.
 * Invariants:
 *  X1 what has moved is found within a second, while Redis and one indexer live.
 *  X2 what was lost of the index, or of its marks, is found by comparison: a part in each AUDIT_EVERY_MS.
 */
import { type Engine, IndexKeeper } from '@joinery/engine';
import { createLoop, type Loop, type Service, type Timers } from '@joinery/kit';
import { type Agenda, type RunIndex } from '@joinery/store';

/** Together with a pass well below the second that X1 promises. */
const INTERVAL_MS = 400;

/** About 500 runs each time: 100,000 are compared in some ten minutes, for less than a percent of a core. */
const AUDIT_EVERY_MS = 2_000;

/** How an indexer is made. */
export interface IndexerOptions {
  /** Where failed tasks go. Default: nowhere. */
  readonly deadLetters?: Agenda;
  readonly timers?: Timers;
}

/** Creates the service that keeps the index over runs. */
export function createIndexer(
  engine: Engine,
  index: RunIndex,
  { deadLetters, timers }: IndexerOptions = {},
): Service {
  const { store, logger } = engine;
  const keeper = new IndexKeeper({ store, index, ...(deadLetters ? { deadLetters } : {}) });
  const loopOf = (
    name: string,
    intervalMs: number,
    pass: (signal: AbortSignal) => Promise<void>,
  ): Loop =>
    createLoop({
      name,
      intervalMs: () => intervalMs,
      pass,
      logger,
      ...(timers === undefined ? {} : { timers }),
    });
  const loops = [
    loopOf('indexer', INTERVAL_MS, async (signal) => void (await keeper.catchUp(signal))),
    loopOf('index-audit', AUDIT_EVERY_MS, async () => {
      const count = await keeper.audit();
      const fields = { event: 'index.repaired', count };
      if (count > 0) logger.warn(fields, 'runs were indexed otherwise than they are');
    }),
  ];
  const stop = async (withinMs: number): Promise<void> => {
    await Promise.all(loops.map((loop) => loop.stop(withinMs)));
  };
  return {
    name: 'indexer',
    async start() {
      for (const loop of loops) loop.start();
    },
    drain: () => stop(5_000),
    stop: () => stop(1_000),
  };
}
