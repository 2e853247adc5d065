import { type BenchOptions } from './bench-options.ts';
import { measureRound, type RoundResult } from './measure-round.ts';
import { type Subject, type SubjectSettings, subjectsOf } from './subject.ts';
import { orderOf, type Results, type Summary, summarize } from './summary.ts';
import { defaultSettings, type Swept, sweepSettings } from './sweep-settings.ts';
import { type LoadShape, type MeasuredName, workloadOf } from './workload.ts';

/** What the sweep has tried, by workload and subject; fastest first. */
export type Sweeps = Record<string, Partial<Record<Subject, readonly Swept[]>>>;

/** Sweeps, then measures in rounds; says what it does on standard error. */
export async function measureAll(
  options: BenchOptions,
): Promise<{ readonly results: Results; readonly sweeps: Sweeps }> {
  const results: Results = {};
  const sweeps: Sweeps = {};
  for (const workload of options.workloads) {
    const bySubject: Partial<Record<Subject, readonly Swept[]>> = {};
    const chosen = new Map<Subject, SubjectSettings>();
    for (const subject of subjectsOf(workload)) {
      const swept = await sweep(workload, subject, options);
      bySubject[subject] = swept;
      chosen.set(subject, swept[0]?.settings ?? defaultSettings(subject));
    }
    sweeps[workload] = bySubject;
    results[workload] = await measure(workload, chosen, options);
  }
  return { results, sweeps };
}

async function sweep(
  workload: MeasuredName,
  subject: Subject,
  options: BenchOptions,
): Promise<readonly Swept[]> {
  if (options.sweepMs === 0) return [];
  const load = loadOf(workload, options);
  const swept = await sweepSettings({ ...options, subject, workload, load });
  const best = JSON.stringify(swept[0]);
  process.stderr.write(`${workload} ${subject}: ${swept.length} settings tried, best ${best}\n`);
  return swept;
}

async function measure(
  workload: MeasuredName,
  chosen: ReadonlyMap<Subject, SubjectSettings>,
  options: BenchOptions,
): Promise<Partial<Record<Subject, Summary>>> {
  const rounds = new Map<Subject, RoundResult[]>();
  const load = loadOf(workload, options);
  for (let round = 0; round < options.rounds; round += 1) {
    for (const subject of orderOf(round, [...chosen.keys()])) {
      const settings = chosen.get(subject) ?? defaultSettings(subject);
      const result = await measureRound({ ...options, subject, workload, settings, load });
      rounds.set(subject, [...(rounds.get(subject) ?? []), result]);
      const rate = result.workflowsPerSecond.toFixed(1);
      const line = `${workload} round ${round + 1}/${options.rounds} ${subject}: ${rate} workflows/s`;
      process.stderr.write(`${line}, ${result.verifiedCount} results checked\n`);
    }
  }
  const summaries = [...rounds].map(([subject, each]) => {
    return [subject, summarize(chosen.get(subject) ?? defaultSettings(subject), each)] as const;
  });
  return Object.fromEntries(summaries);
}

/** The workload's own load, and what the command says instead. */
function loadOf(workload: MeasuredName, { branches, load }: BenchOptions): LoadShape {
  return { ...workloadOf(workload, branches).load, ...load };
}
