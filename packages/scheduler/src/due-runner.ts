/*
 * Ownership: a runner owns nothing: what is due is in an agenda.
 * Interface: a Service. Any number of them, killable anywhere.
 * Invariants: those of its work; a pass is bounded, what is left over comes with the next one.
 */
import { createLoop, type Logger, type Service, type Timers } from '@joinery/kit';

/** How a runner works. */
export interface DueRunnerOptions {
  /** From the end of a pass to the next, ms. Default 200: what is due is late by that at most in a healthy system. */
  readonly intervalMs?: number;
  readonly timers?: Timers;
}

/** What is done in a pass, again and again until it answers that nothing was due. */
export interface DueWork extends DueRunnerOptions {
  readonly name: string;
  readonly logger: Logger;
  readonly work: (signal: AbortSignal) => Promise<number>;
}

/** So many in a row before the next pass: others want their turn. */
const ROUNDS_LIMIT = 20;

/** Creates the service that does what is due. */
export function createDueRunner({ name, logger, work, ...options }: DueWork): Service {
  const { intervalMs = 200, timers } = options;
  const loop = createLoop({
    name,
    intervalMs: () => intervalMs,
    async pass(signal) {
      for (let round = 0; round < ROUNDS_LIMIT && !signal.aborted; round += 1) {
        if ((await work(signal)) === 0) return;
      }
    },
    logger,
    ...(timers ? { timers } : {}),
  });
  return {
    name,
    async start() {
      loop.start();
    },
    async drain() {
      await loop.stop(5_000);
    },
    async stop() {
      await loop.stop(1_000);
    },
  };
}
