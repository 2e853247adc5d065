import { setTimeout as delay } from 'node:timers/promises';
import { type Scenario } from '../scenario.ts';
import { underLoad } from '../under-load.ts';

/** Longer than the socket time-outs after which a deaf connection is given up. */
const DEAD_MS = 12_000;

/** N5: connections that are open and dead. */
export const deadAir: Scenario = {
  id: 'N5',
  title: 'Connections stay open and carry nothing',
  hypothesis: 'Calls time out, connections are made anew, and every process works again.',
  method: `Nested fork-joins, 10 at a time, through a proxy that carries nothing for ${DEAD_MS / 1_000} s and ends nothing either.`,
  notTested: ['ten minutes of it'],
  rules: ['H1', 'H6', 'H16', 'H21', 'H22', 'H27'],
  sizes: {
    test: { runs: 10, faults: 1 },
    default: { runs: 40, faults: 2 },
    release: { runs: 200, faults: 15 },
  },
  play: underLoad({
    isProxied: true,
    inFlight: 10,
    faultName: 'dead air',
    everyMs: 20_000,
    fault: async ({ proxy, log }, _index, load) => {
      const isBusy = load.underWay().length > 0;
      await log.outage(async () => {
        proxy?.hang();
        await delay(DEAD_MS);
        proxy?.heal();
      });
      return isBusy;
    },
  }),
};
