import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { type ApiBench, openBench } from './fixtures/api-bench.ts';
import { fuzz } from './fixtures/fuzz.ts';

/** In rounds, so that memory can be compared between them. */
const ROUNDS = 10;
const PER_ROUND = 10_000;
/** Less than 4 KB a request: the bench keeps its whole log, and the engine the definitions that it has prepared. */
const GROWTH_LIMIT_BYTES = 320 * 1024 ** 2;

/** What is only not yet collected is no growth. */
setFlagsFromString('--expose-gc');
const collectGarbage = z.custom<() => void>().parse(runInNewContext('gc'));

let bench: ApiBench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.end());

it(
  'answers 100,000 malformed requests without an error of its own, a hang, or growth',
  { timeout: 1_200_000 },
  async () => {
    const heaps: number[] = [];
    const statuses: Record<string, number> = {};
    for (let round = 0; round < ROUNDS; round += 1) {
      const report = await fuzz(bench, { count: PER_ROUND, seed: round + 1 });
      expect({ round, wrong: report.wrong }).toEqual({ round, wrong: [] });
      for (const [status, count] of Object.entries(report.statuses)) {
        statuses[status] = (statuses[status] ?? 0) + count;
      }
      collectGarbage();
      heaps.push(process.memoryUsage().heapUsed);
    }
    process.stdout.write(`measured fuzz ${JSON.stringify({ statuses, heaps })}\n`);
    expect((heaps.at(-1) ?? 0) - (heaps[1] ?? 0)).toBeLessThan(GROWTH_LIMIT_BYTES);
  },
);
