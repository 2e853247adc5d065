import { setTimeout as delay } from 'node:timers/promises';
import { type Scenario } from '../scenario.ts';
import { everybody } from '../stage.ts';
import { underLoad } from '../under-load.ts';

/** C5: nothing is in the processes that is not in Redis too. */
export const killEverybody: Scenario = {
  id: 'C5',
  title: 'All processes are killed at once',
  hypothesis: 'With all of them back, every run goes on from where it was.',
  method:
    'Nested fork-joins, 20 at a time. All role processes get a SIGKILL together; after 0 to 2 s others take their roles. That time counts as an outage.',
  notTested: ['absences of minutes', 'timers that fall due meanwhile'],
  rules: ['H1', 'H3', 'H6', 'H10', 'H16', 'H21', 'H22', 'H27'],
  sizes: {
    test: { runs: 20, faults: 2 },
    default: { runs: 150, faults: 15 },
    release: { runs: 2_000, faults: 200 },
  },
  play: underLoad({
    faultName: 'SIGKILL of all',
    everyMs: 2_000,
    fleet: { spares: 6 },
    fault: async (stage, _index, load) => {
      const isBusy = load.underWay().length > 0;
      const all = everybody(stage);
      await stage.log.outage(async () => {
        await Promise.all(all.map((member) => member.kill()));
        await delay(stage.entropy.seed() % 2_000);
        for (const { role } of all) await stage.fleet.add(role);
      });
      return isBusy;
    },
  }),
};
