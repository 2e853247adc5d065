import { type SeededBug } from '../seeded-bugs/seeded-bug.ts';
import { type Violation } from './invariants/system-watch.ts';
import { drawScenario, type ScenarioOptions } from './scenario.ts';
import { simulate } from './simulate.ts';

/** The first seed that broke a rule. */
export interface SeedFailure {
  readonly seed: number;
  readonly violation: Violation;
  readonly drawn: ScenarioOptions;
}

/** What many seeds came to. */
export interface PlayedSeeds {
  readonly seeds: number;
  readonly runs: number;
  /** Joins that have fired, each once. */
  readonly joins: number;
  readonly steps: number;
  readonly faultsEffective: number;
  readonly seconds: number;
  /** Of this process's own work: what does not depend on who else uses the machine. */
  readonly cpuSeconds: number;
  readonly failure: SeedFailure | null;
}

/** Which seeds are played. */
export interface PlaySeedsOptions {
  readonly seed: number;
  /** Null: until so many joins have fired, or until `seconds` are over. */
  readonly seeds: number | null;
  readonly joins?: number | null;
  readonly seconds: number;
  readonly drawn: ScenarioOptions;
  readonly bug: SeededBug | null;
  readonly progress: (line: string) => void;
}

const PROGRESS_EVERY_MS = 5_000;

/** Plays one seed after the other, and stops at the first that breaks a rule. */
export async function playSeeds(options: PlaySeedsOptions): Promise<PlayedSeeds> {
  const { seed: first, seeds, joins = null, seconds, drawn, bug, progress } = options;
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const elapsed = (): number => performance.now() - startedAt;
  const counts = { seeds: 0, runs: 0, joins: 0, steps: 0, faultsEffective: 0 };
  let failure: SeedFailure | null = null;
  let progressAt = PROGRESS_EVERY_MS;
  const isOver = (): boolean => {
    if (seeds !== null) return counts.seeds >= seeds;
    return joins === null ? elapsed() > 1_000 * seconds : counts.joins >= joins;
  };
  while (failure === null && !isOver()) {
    const seed = first + counts.seeds;
    const simulated = await simulate(drawScenario(seed, drawn), { bug });
    counts.seeds += 1;
    counts.runs += simulated.runs;
    counts.joins += simulated.joins;
    counts.steps += simulated.steps;
    counts.faultsEffective += simulated.faultsEffective;
    const [violation] = simulated.violations;
    if (violation !== undefined) failure = { seed, violation, drawn };
    if (elapsed() < progressAt) continue;
    progressAt += PROGRESS_EVERY_MS;
    progress(`${counts.seeds} seeds, ${Math.round((1_000 * counts.runs) / elapsed())} runs/s`);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuSeconds = (user + system) / 1_000_000;
  return { ...counts, seconds: elapsed() / 1_000, cpuSeconds, failure };
}
