import { type Redis } from 'ioredis';
import { setTimeout as delay } from 'node:timers/promises';
import { type Scenario } from '../scenario.ts';
import { underLoad } from '../under-load.ts';

/** How long there is no room, ms. */
const FULL_MS = 1_000;

/** R7: writes are refused for want of memory. */
export const memoryFull: Scenario = {
  id: 'R7',
  title: 'The memory of Redis is full, and then it is not',
  hypothesis:
    'No script writes half of what it has to; everything goes on when there is room again.',
  method: `Nested fork-joins, 20 at a time, policy noeviction. The limit of Redis' memory is set to less than what is used for ${FULL_MS / 1_000} s; a fault counts when Redis has refused commands meanwhile. That time counts as an outage.`,
  notTested: ['a full disk', 'memory that fills up slowly'],
  rules: ['H1', 'H2', 'H4', 'H6', 'H16', 'H21', 'H22', 'H27'],
  sizes: {
    test: { runs: 20, faults: 2 },
    default: { runs: 150, faults: 15 },
    release: { runs: 1_500, faults: 150 },
  },
  play: underLoad({
    faultName: 'no memory',
    everyMs: 2_000,
    fault: async ({ raw, log }) => {
      const before = await refusals(raw);
      await log.outage(async () => {
        await raw.config('SET', 'maxmemory', '1mb');
        await delay(FULL_MS);
        await raw.config('SET', 'maxmemory', '0');
      });
      return (await refusals(raw)) > before;
    },
  }),
};

async function refusals(raw: Redis): Promise<number> {
  const stats = await raw.info('errorstats');
  return Number(/errorstat_OOM:count=(\d+)/.exec(stats)?.[1] ?? 0);
}
