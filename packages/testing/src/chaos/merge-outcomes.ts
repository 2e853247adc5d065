import { emptyOutcome } from './empty-outcome.ts';
import { type Outcome } from './scenario.ts';

/** One outcome of many: counts are added, times are the longest, and the verdict is the worst. */
export function mergeOutcomes(outcomes: readonly Outcome[]): Outcome {
  const [first = emptyOutcome('unknown', ['nothing was played']), ...others] = outcomes;
  return others.reduce(mergeTwo, first);
}

const WORST_FIRST = ['invalid', 'unknown', 'skipped', 'valid'] as const;

function mergeTwo(a: Outcome, b: Outcome): Outcome {
  return {
    runs: a.runs + b.runs,
    completed: a.completed + b.completed,
    lost: a.lost + b.lost,
    duplicatedCommits: a.duplicatedCommits + b.duplicatedCommits,
    invariantBreaks: a.invariantBreaks + b.invariantBreaks,
    maxStuckMs: Math.max(a.maxStuckMs, b.maxStuckMs),
    stuckBetween: a.maxStuckMs >= b.maxStuckMs ? a.stuckBetween : b.stuckBetween,
    p99Ms: Math.max(a.p99Ms, b.p99Ms),
    faultsPlanned: a.faultsPlanned + b.faultsPlanned,
    faultsInjected: a.faultsInjected + b.faultsInjected,
    faultsEffective: a.faultsEffective + b.faultsEffective,
    verdict:
      WORST_FIRST.find((verdict) => verdict === a.verdict || verdict === b.verdict) ?? 'unknown',
    classes: {
      attempted: a.classes.attempted + b.classes.attempted,
      acknowledged: a.classes.acknowledged + b.classes.acknowledged,
      ok: a.classes.ok + b.classes.ok,
      lost: a.classes.lost + b.classes.lost,
      unexpected: a.classes.unexpected + b.classes.unexpected,
      duplicated: a.classes.duplicated + b.classes.duplicated,
      recovered: a.classes.recovered + b.classes.recovered,
    },
    latencyMs: {
      p50: Math.max(a.latencyMs.p50, b.latencyMs.p50),
      p95: Math.max(a.latencyMs.p95, b.latencyMs.p95),
      p99: Math.max(a.latencyMs.p99, b.latencyMs.p99),
      max: Math.max(a.latencyMs.max, b.latencyMs.max),
    },
    marks: sumOf(a.marks, b.marks),
    figures: sumOf(a.figures, b.figures),
    reasons: [...a.reasons, ...b.reasons],
  };
}

function sumOf(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]));
}
