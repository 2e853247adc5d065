import { startRedis } from '@joinery/testing';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { timedSteps } from './differential-steps.ts';
import { DifferentialWorld, type Tally } from './differential-world.ts';

/** How much a differential test tries. */
export interface DifferentialSize {
  readonly histories: number;
  /** Steps of a history, on average. */
  readonly steps: number;
  /** Also bounds the search for a smaller counterexample. */
  readonly withinMs: number;
  /** The same histories each time; without it, others each time. */
  readonly seed?: number;
}

/** Try histories on a throwaway Redis and on the twin; answers how often which outcome came about. */
export async function runDifferential(size: DifferentialSize): Promise<Tally> {
  await using server = await startRedis();
  const redis = new Redis(server.url, { enableAutoPipelining: true });
  const tally: Tally = new Map();
  const agree = fc.asyncProperty(timedSteps(size.steps), async (steps) => {
    await redis.flushall();
    const world = new DifferentialWorld(redis, tally);
    for (const each of steps) await world.do(each);
  });
  try {
    await fc.assert(agree, {
      numRuns: size.histories,
      interruptAfterTimeLimit: size.withinMs,
      ...(size.seed !== undefined && { seed: size.seed }),
    });
  } finally {
    redis.disconnect();
  }
  return tally;
}
