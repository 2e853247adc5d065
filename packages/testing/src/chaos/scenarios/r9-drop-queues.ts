import { dropWaiting } from '../drop-queues.ts';
import { type Scenario } from '../scenario.ts';
import { underLoad } from '../under-load.ts';

/** R9: jobs are hints. */
export const dropAllQueues: Scenario = {
  id: 'R9',
  title: 'Every key of BullMQ is deleted',
  hypothesis:
    'Everything completes from our own state; no run stands still for longer than job checks take.',
  method:
    'Nested fork-joins, 20 at a time, with more work than room for it, so that jobs wait. All `bull:*` keys are deleted every 2 s; a fault counts when jobs went with them.',
  notTested: [
    'the loss of the queue of starts before a start was accepted: that is the producer’s',
  ],
  rules: ['H1', 'H3', 'H6', 'H10', 'H16', 'H21', 'H22', 'H27'],
  sizes: {
    test: { runs: 20, faults: 2 },
    default: { runs: 100, faults: 10 },
    release: { runs: 1_000, faults: 100 },
  },
  play: underLoad({
    faultName: 'queues deleted',
    everyMs: 2_000,
    fleet: { stepConcurrency: 2 },
    fault: async ({ raw }) => (await dropWaiting(raw, 2_000)) > 0,
    marks: ['job lost and found missing'],
  }),
};
