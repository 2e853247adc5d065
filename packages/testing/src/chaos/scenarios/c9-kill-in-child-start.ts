import { family } from '../../workloads/known-workloads.ts';
import { judgeChildren } from '../judge-children.ts';
import { killAt } from '../kill-at.ts';
import { type HoldPoint, type Role } from '../role-messages.ts';
import { type Scenario } from '../scenario.ts';
import { pick } from '../stage.ts';
import { underLoad } from '../under-load.ts';

/** Between the parent's commit, the child's start, and the word of its end. */
const PLACES: readonly (readonly [Role, HoldPoint])[] = [
  ['worker', 'before-relay'],
  ['worker', 'before-start'],
  ['worker', 'after-start'],
  ['worker', 'after-delivery'],
  ['worker', 'after-complete'],
  ['coordinator', 'in-critical-section'],
  ['coordinator', 'after-commit'],
];

/** C9: two runs are never written in one script; what lies between them must not be lost. */
export const killInChildStart: Scenario = {
  id: 'C9',
  title: 'Processes are killed while a run starts its child, or hears of its end',
  hypothesis:
    'Each attempt of a SUB_WORKFLOW has exactly one child, whose output becomes its own, wherever the letter’s bearer dies.',
  method:
    'Runs with a step, a child run and a step, 20 at a time. A worker or coordinator is held between the parent’s commit and the child’s start, right after the start, or at the delivery of the child’s end, killed there and replaced; the places take turns. Afterwards every run in the store is compared with what parents have asked for.',
  notTested: ['children of children', 'cancels that overtake a start (C8 and the simulator)'],
  rules: ['H1', 'H2', 'H5', 'H6', 'H10', 'H21', 'H22', 'H23', 'H27'],
  sizes: {
    test: { runs: 20, faults: 7 },
    default: { runs: 200, faults: 70 },
    release: { runs: 10_000, faults: 700 },
  },
  play: underLoad({
    workload: family({ hasFirst: true }),
    faultName: 'SIGKILL at a letter',
    everyMs: 250,
    fleet: { spares: 4 },
    fault: (stage, index) => {
      const [role, point] = PLACES[index % PLACES.length] ?? ['worker', 'before-relay'];
      return killAt(stage, pick(stage, stage.fleet.members(role)), point);
    },
    inspect: judgeChildren,
  }),
};
