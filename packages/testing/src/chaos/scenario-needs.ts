import { spawnSync } from 'node:child_process';

/** What a scenario cannot do without, besides Redis. */
export const NEEDS = {
  strace: 'strace, and the right to trace a process',
  cc: 'a C compiler as `cc`',
} as const;
/** One of {@link NEEDS}. */
export type Need = keyof typeof NEEDS;

/** The first thing that is missing here; null = nothing. */
export function missingNeed(needs: readonly Need[]): string | null {
  const missing = needs.find((need) => !isThere(need));
  return missing === undefined ? null : `needs ${NEEDS[missing]}`;
}

function isThere(need: Need): boolean {
  switch (need) {
    case 'strace':
      return spawnSync('strace', ['-o', '/dev/null', 'true']).status === 0;
    case 'cc':
      return spawnSync('cc', ['--version']).status === 0;
  }
}
