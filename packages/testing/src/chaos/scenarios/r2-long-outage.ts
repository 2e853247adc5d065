import { setTimeout as delay } from 'node:timers/promises';
import { type Scenario } from '../scenario.ts';
import { underLoad } from '../under-load.ts';

/** Longer than every time-out of the clients and of BullMQ’s blocking calls. */
const DOWN_MS = 15_000;

/** R2: Redis is away for longer than anybody likes to wait. */
export const longOutage: Scenario = {
  id: 'R2',
  title: 'Redis is away for longer than every time-out',
  hypothesis: 'Processes wait, and work again when it is back; none needs a restart.',
  method: `Nested fork-joins, 10 at a time. Redis (append-only file) is killed and stays away for ${DOWN_MS / 1_000} s.`,
  notTested: ['outages of minutes'],
  rules: ['H1', 'H3', 'H6', 'H16', 'H21', 'H22', 'H27'],
  sizes: {
    test: { runs: 10, faults: 1 },
    default: { runs: 40, faults: 2 },
    release: { runs: 200, faults: 10 },
  },
  play: underLoad({
    redis: { appendonly: true },
    inFlight: 10,
    faultName: 'outage',
    everyMs: 20_000,
    fault: async (stage, _index, load) => {
      const isBusy = load.underWay().length > 0;
      await stage.log.outage(async () => {
        await stage.redis.kill();
        await delay(DOWN_MS);
        await stage.redis.restart();
      });
      return isBusy;
    },
  }),
};
