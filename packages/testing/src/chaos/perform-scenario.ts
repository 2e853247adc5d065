import { spawnSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { type ChaosReport } from './chaos-report.ts';
import { emptyOutcome } from './empty-outcome.ts';
import { missingNeed } from './scenario-needs.ts';
import {
  type Outcome,
  type PlayOptions,
  type Scenario,
  type ScenarioSize,
  type SizeName,
} from './scenario.ts';

/** How a scenario is to be performed. */
export interface PerformOptions extends Pick<PlayOptions, 'seed' | 'say' | 'bundle' | 'forMs'> {
  readonly size: SizeName;
  /** Instead of the size's; the faults go with it. */
  readonly runs?: number;
}

/** Performs a scenario and reports it with the machine on which that was. Skips, and says why, what cannot be done here. */
export async function performScenario(
  scenario: Scenario,
  { size, runs: wantedRuns, ...play }: PerformOptions,
): Promise<ChaosReport> {
  const sized = scenario.sizes[size];
  const runs = wantedRuns ?? sized.runs;
  const faults = Math.ceil((sized.faults * runs) / sized.runs);
  const machine = describeMachine();
  const at = new Date().toISOString();
  const startedAt = performance.now();
  const missing = missingNeed(scenario.needs ?? []);
  const outcome =
    missing === null
      ? await scenario.play({ ...play, runs, faults })
      : emptyOutcome('skipped', [missing]);
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  const figures = { ...outcome.figures, ...notReached(outcome, { runs, faults }) };
  const told = { ...outcome, figures, at, size, seconds, machine };
  return { scenario: scenario.id, seed: play.seed, ...told };
}

/** What the time did not suffice for: a performance that is over sooner says by how much. */
function notReached(
  { runs, faultsPlanned, verdict }: Outcome,
  wanted: ScenarioSize,
): Readonly<Record<string, number>> {
  if (verdict === 'skipped') return {};
  return {
    ...(runs < wanted.runs && { runsNotReached: wanted.runs - runs }),
    ...(faultsPlanned < wanted.faults && { faultsNotReached: wanted.faults - faultsPlanned }),
  };
}

/** Where something is measured, and how busy it is there. */
export function describeMachine(): ChaosReport['machine'] {
  const [loadBefore = 0] = loadavg();
  const version = spawnSync('redis-server', ['--version'], { encoding: 'utf8' }).stdout;
  return {
    cores: cpus().length,
    loadBefore: Math.round(loadBefore * 100) / 100,
    node: process.version,
    redis: /v=(\S+)/.exec(version)?.[1] ?? 'unknown',
  };
}
