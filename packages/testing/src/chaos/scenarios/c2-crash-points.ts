import { type HoldPoint, type Role } from '../role-messages.ts';
import { type Scenario } from '../scenario.ts';
import { pick } from '../stage.ts';
import { killAt } from '../kill-at.ts';
import { underLoad } from '../under-load.ts';

/** Places, and who comes by there under an ordinary load. Sweepers at work are C4's. */
const PLACES: readonly (readonly [Role, HoldPoint])[] = [
  ['worker', 'in-handler'],
  ['worker', 'after-complete'],
  ['coordinator', 'in-critical-section'],
  ['coordinator', 'before-commit'],
  ['coordinator', 'after-commit'],
  ['coordinator', 'before-relay'],
  ['coordinator', 'after-enqueue'],
];

/** C2: every place between two steps is a place to die. */
export const crashPoints: Scenario = {
  id: 'C2',
  title: 'Processes are killed at each named place between two steps',
  hypothesis: 'Wherever a process dies, what it has written leads the run to its end without it.',
  method:
    'Nested fork-joins, 20 at a time. A worker or coordinator is held where it comes to a named place, killed there by SIGKILL, and replaced; the places take turns.',
  notTested: [
    'before-start and after-start: the client of the harness is not killed',
    'before-repair (C4)',
    'definitions other than fork-joins',
  ],
  rules: ['H1', 'H3', 'H5', 'H6', 'H10', 'H16', 'H21', 'H22', 'H23', 'H27'],
  sizes: {
    test: { runs: 20, faults: 7 },
    default: { runs: 200, faults: 70 },
    release: { runs: 2_000, faults: 700 },
  },
  play: underLoad({
    faultName: 'SIGKILL at a place',
    everyMs: 300,
    fault: (stage, index) => {
      const [role, point] = PLACES[index % PLACES.length] ?? ['worker', 'in-handler'];
      return killAt(stage, pick(stage, stage.fleet.members(role)), point);
    },
    marks: ['attempt redelivered'],
  }),
};
