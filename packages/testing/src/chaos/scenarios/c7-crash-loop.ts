import { eventually } from '../../eventually.ts';
import { type Scenario } from '../scenario.ts';
import { underLoad } from '../under-load.ts';

/** C7: one worker that never lives long. */
export const crashLoop: Scenario = {
  id: 'C7',
  title: 'One worker crashes over and over',
  hypothesis: 'What it takes is handed to the others, and no attempt is taken for poison.',
  method:
    'Nested fork-joins, two workers. The younger one gets a SIGKILL as soon as it has claimed something, at most every 300 ms, again and again; the other one stays.',
  notTested: ['a second task type and its throughput', 'back-off and alarm of a supervisor'],
  rules: ['H6', 'H8', 'H10', 'H16', 'H21', 'H22', 'H27'],
  sizes: {
    test: { runs: 20, faults: 6 },
    default: { runs: 150, faults: 60 },
    release: { runs: 1_500, faults: 600 },
  },
  play: underLoad({
    faultName: 'SIGKILL of the young worker',
    everyMs: 300,
    fleet: { spares: 4 },
    fault: async (stage) => {
      const young = stage.fleet.members('worker').at(-1);
      if (young === undefined) return false;
      const hasWorked = async (): Promise<boolean> => (await young.okCount()) > 0;
      const isEffective = await eventually(hasWorked, { withinMs: 5_000 }).catch(() => false);
      await stage.fleet.replace(young);
      return isEffective;
    },
    marks: ['attempt redelivered'],
  }),
};
