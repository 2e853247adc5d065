import { type Outcome } from './scenario.ts';

/** An outcome in which nothing was done and nothing seen. */
export function emptyOutcome(verdict: Outcome['verdict'], reasons: readonly string[]): Outcome {
  return {
    runs: 0,
    completed: 0,
    lost: 0,
    duplicatedCommits: 0,
    invariantBreaks: 0,
    maxStuckMs: 0,
    p99Ms: 0,
    faultsPlanned: 0,
    faultsInjected: 0,
    faultsEffective: 0,
    verdict,
    classes: {
      attempted: 0,
      acknowledged: 0,
      ok: 0,
      lost: 0,
      unexpected: 0,
      duplicated: 0,
      recovered: 0,
    },
    latencyMs: { p50: 0, p95: 0, p99: 0, max: 0 },
    stuckBetween: '',
    marks: {},
    figures: {},
    reasons: [...reasons],
  };
}
