import { expectInvariants } from './expect-invariants.ts';

// Two files, so that two cores share the work; other seeds, so that they share nothing else.
expectInvariants(
  { definitions: 500, runsEach: 98, wideRuns: 40, seed: 9973 },
  { sequences: 49_000, checks: 5_000 },
);
