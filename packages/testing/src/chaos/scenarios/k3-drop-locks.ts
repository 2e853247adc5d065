import { setTimeout as delay } from 'node:timers/promises';
import { type Redis } from 'ioredis';
import { comesTo } from '../kill-at.ts';
import { type Scenario } from '../scenario.ts';
import { pick } from '../stage.ts';
import { underLoad } from '../under-load.ts';

/** K3: the lock is gone while it is held, as after a jump of Redis' clock. */
export const dropLocks: Scenario = {
  id: 'K3',
  title: 'Locks disappear while they are held',
  hypothesis: 'Two may decide one run at once; one of them commits.',
  method:
    'Nested fork-joins, 20 at a time. A coordinator is held inside its critical section, all locks are deleted, and it goes on after 200 ms; a fault counts when there was a lock.',
  notTested: ['a real jump of the server’s clock'],
  rules: ['H1', 'H6', 'H16', 'H21', 'H22', 'H25', 'H27'],
  sizes: {
    test: { runs: 20, faults: 5 },
    default: { runs: 150, faults: 50 },
    release: { runs: 1_500, faults: 500 },
  },
  play: underLoad({
    faultName: 'locks deleted',
    everyMs: 300,
    fault: async (stage) => {
      const holder = pick(stage, stage.fleet.members('coordinator'));
      await comesTo(holder, 'in-critical-section');
      const count = await deleteLocks(stage.raw);
      await delay(200);
      holder.release();
      return count > 0;
    },
  }),
};

async function deleteLocks(raw: Redis): Promise<number> {
  const locks = await raw.keys('jn:{*}:*:lock');
  return locks.length === 0 ? 0 : raw.del(...locks);
}
