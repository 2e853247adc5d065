import { expectKilled, mutantCases } from './mutants/kill-mutants.ts';

/** About ten, from scripts of all kinds; `mutants.full.test.ts` has them all. */
const EVERY = Math.ceil(mutantCases.length / 10);

expectKilled(mutantCases.filter((_mutant, index) => index % EVERY === 0));
