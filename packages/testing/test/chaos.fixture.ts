import { scenarioOf } from '../src/chaos/all-scenarios.ts';
import { type BundledEntry } from '../src/chaos/bundle-entry.ts';
import { type ChaosReport, lineOf } from '../src/chaos/chaos-report.ts';
import { performScenario } from '../src/chaos/perform-scenario.ts';
import { measured } from '../src/measured.ts';

/** Plays a scenario in its smallest size, or with so many runs, and prints what it came to. */
export async function play(id: string, bundle: BundledEntry, runs?: number): Promise<ChaosReport> {
  const report = await performScenario(scenarioOf(id), {
    size: 'test',
    seed: 1,
    bundle,
    say: () => undefined,
    ...(runs !== undefined && { runs }),
  });
  measured(`chaos ${id}`, { ...lineOf(report), seconds: report.seconds, figures: report.figures });
  return report;
}

/** What every valid report has. */
export const VALID = {
  verdict: 'valid',
  reasons: [],
  lost: 0,
  duplicatedCommits: 0,
  invariantBreaks: 0,
} as const;
