import { claimBugs } from './claim-bugs.ts';
import { commitBugs } from './commit-bugs.ts';
import { decideBugs } from './decide-bugs.ts';
import { type SeededBug } from './seeded-bug.ts';
import { sweepBugs } from './sweep-bugs.ts';

/** Every mistake that is known: whoever judges the engine must find each of them. */
export const SEEDED_BUGS: readonly SeededBug[] = [
  ...commitBugs,
  ...claimBugs,
  ...sweepBugs,
  ...decideBugs,
];
