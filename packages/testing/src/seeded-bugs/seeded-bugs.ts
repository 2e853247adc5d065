import { carriedBugs } from './carried-bugs.ts';
import { letterBugs } from './letter-bugs.ts';
import { limitBugs } from './limit-bugs.ts';
import { loopBugs } from './loop-bugs.ts';
import { wakeBugs } from './wake-bugs.ts';
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
  ...carriedBugs,
  ...letterBugs,
  ...limitBugs,
  ...loopBugs,
  ...wakeBugs,
];

/** The bug of this name. Throws when there is none. */
export function bugNamed(name: string): SeededBug {
  const bug = SEEDED_BUGS.find((each) => each.name === name);
  if (bug === undefined) throw new Error(`no bug is named ${name}`);
  return bug;
}
