import { type Scenario } from '../scenario.ts';
import { underLoad } from '../under-load.ts';

/** R11: Redis forgets scripts and throws its clients out. */
export const cutClients: Scenario = {
  id: 'R11',
  title: 'Redis forgets its scripts and ends all connections',
  hypothesis:
    'Scripts are sent again, connections are made again, and what was sent twice is done once.',
  method:
    'Nested fork-joins, 20 at a time. Each second SCRIPT FLUSH, then CLIENT KILL TYPE normal; a fault counts when connections ended.',
  notTested: ['a server that starts without its functions: none are used'],
  rules: ['H1', 'H3', 'H6', 'H10', 'H16', 'H21', 'H22', 'H27'],
  sizes: {
    test: { runs: 20, faults: 4 },
    default: { runs: 200, faults: 40 },
    release: { runs: 2_000, faults: 400 },
  },
  play: underLoad({
    faultName: 'scripts and clients dropped',
    everyMs: 1_000,
    fault: async ({ raw }) => {
      await raw.script('FLUSH');
      return Number(await raw.call('CLIENT', 'KILL', 'TYPE', 'normal')) > 1;
    },
  }),
};
