import { scriptSha1 } from '@joinery/store';
import { eventually } from '../../eventually.ts';
import { type Scenario } from '../scenario.ts';
import { underLoad } from '../under-load.ts';

/** The scripts by which a run goes on. */
const TRANSITIONS = ['claim-task', 'complete-task', 'commit-decision'];
/** How long one of them may be waited for, ms. */
const COMES_WITHIN_MS = 2_000;

/** N4: it was done, and nobody was told. */
export const lostReplies: Scenario = {
  id: 'N4',
  title: 'Replies are lost after the work was done',
  hypothesis: 'What is sent again because no reply came is done once.',
  method: `Nested fork-joins, 40 at a time, through a proxy. Again and again, 25 ms after the last time, the next call of ${TRANSITIONS.join(', ')}, by turns, on a connection that waits for nothing else is let through to Redis, its reply is dropped and the connection reset. Each is a fault, which counts when the reply was lost. The mark “commit repeated” counts commits of which a process was told that they were a repetition.`,
  notTested: [
    'replies to starts: C6',
    'replies of BullMQ’s own scripts: what they lose is a lost or doubled job (R9, D2)',
  ],
  rules: ['H1', 'H5', 'H6', 'H7', 'H10', 'H16', 'H21', 'H22', 'H27'],
  sizes: {
    test: { runs: 20, faults: 40 },
    default: { runs: 200, faults: 800 },
    release: { runs: 3_000, faults: 10_000 },
  },
  play: underLoad({
    inFlight: 40,
    isProxied: true,
    faultName: 'a reply lost',
    everyMs: 25,
    fault: async ({ proxy, log }, index) => {
      const name = TRANSITIONS[index % TRANSITIONS.length] ?? '';
      proxy?.loseOne([scriptSha1(name)]);
      const isLost = (): boolean => (proxy?.lostCount() ?? 0) > 0;
      const options = { withinMs: COMES_WITHIN_MS, everyMs: 2 };
      await eventually(isLost, options).catch(() => false);
      const lostCount = proxy?.heal() ?? 0;
      log.count(`${name} lost`, lostCount);
      return lostCount > 0;
    },
    marks: ['commit repeated'],
  }),
};
