import { type Mutant } from './mutant.ts';

/** Mutants by the script that they are put into: the name of its file. */
export type MutantsByScript = Readonly<Record<string, readonly Mutant[]>>;
