import { type RoundResult } from './measure-round.ts';
import { type Subject, SUBJECTS } from './subject.ts';
import { type WorkloadName, WORKLOADS } from './workload.ts';

/** The middle of several measurements, and how far apart they were. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The measurements of one subject on one workload, over all rounds, by the metric's name. */
export type Summary = Readonly<Record<string, Spread>>;

/** One thing that is measured. */
export interface Metric {
  readonly name: string;
  readonly label: string;
  readonly of: (round: RoundResult) => number;
}

/** What is measured, in the order of the report. */
export const METRICS: readonly Metric[] = [
  { name: 'workflowsPerSecond', label: 'workflows/s', of: (round) => round.workflowsPerSecond },
  { name: 'tasksPerSecond', label: 'tasks/s', of: (round) => round.tasksPerSecond },
  { name: 'idleP50Ms', label: 'idle latency p50, ms', of: ({ idleMs }) => quantile(idleMs, 0.5) },
  { name: 'idleP99Ms', label: 'idle latency p99, ms', of: ({ idleMs }) => quantile(idleMs, 0.99) },
  { name: 'scriptsPerTask', label: 'scripts/task', of: ({ perTask }) => perTask.scripts },
  {
    name: 'commandsPerTask',
    label: 'commands/task, those in scripts too',
    of: ({ perTask }) => perTask.commands,
  },
  { name: 'jobsPerTask', label: 'BullMQ jobs/task', of: ({ perTask }) => perTask.jobs },
  { name: 'bytesInPerTask', label: 'bytes into Redis/task', of: ({ perTask }) => perTask.bytesIn },
  {
    name: 'bytesOutPerTask',
    label: 'bytes out of Redis/task',
    of: ({ perTask }) => perTask.bytesOut,
  },
  { name: 'redisCpuUsPerTask', label: 'Redis CPU/task, µs', of: ({ perTask }) => perTask.cpuUs },
  {
    name: 'serviceCpuUsPerTask',
    label: 'services’ CPU/task, µs',
    of: ({ perTask }) => perTask.serviceCpuUs,
  },
  {
    name: 'clientCpuUsPerTask',
    label: 'client’s CPU/task, µs',
    of: ({ perTask }) => perTask.clientCpuUs,
  },
  {
    name: 'bytesPerPending',
    label: 'Redis bytes per pending workflow',
    of: (round) => round.bytesPerPending,
  },
  {
    name: 'bytesPerFinished',
    label: 'Redis bytes per finished workflow',
    of: (round) => round.bytesPerFinished,
  },
];

/** Value below which this part of the samples lies (nearest rank). */
export function quantile(samples: readonly number[], part: number): number {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;
}

/** Median (the mean of the two middle ones when their number is even), least and greatest. */
export function spreadOf(samples: readonly number[]): Spread {
  const sorted = samples.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return {
    median: (lower + upper) / 2,
    min: sorted[0] ?? Number.NaN,
    max: sorted.at(-1) ?? Number.NaN,
  };
}

/** Each metric over all rounds. */
export function summarize(rounds: readonly RoundResult[]): Summary {
  return Object.fromEntries(METRICS.map(({ name, of }) => [name, spreadOf(rounds.map(of))]));
}

/** Summaries by workload and subject; what was not measured is absent. */
export type Results = Partial<Record<WorkloadName, Partial<Record<Subject, Summary>>>>;

/** Workflows per second of Joinery as a multiple of BullMQ's. */
export interface Ratios {
  /** Against the fastest way to do it with plain BullMQ: the hand-written chain for W1, the flow for W2. */
  readonly ratios: Partial<Record<WorkloadName, number>>;
  /** Against BullMQ's FlowProducer. */
  readonly flowRatios: Partial<Record<WorkloadName, number>>;
}

/** Ratios of the medians. */
export function ratiosOf(results: Results): Ratios {
  const against = (subject: (workload: WorkloadName) => Subject): Ratios['ratios'] =>
    Object.fromEntries(
      WORKLOADS.flatMap((workload) => {
        const ours = results[workload]?.joinery?.['workflowsPerSecond']?.median;
        const theirs = results[workload]?.[subject(workload)]?.['workflowsPerSecond']?.median;
        return ours === undefined || theirs === undefined
          ? []
          : [[workload, Math.round((1000 * ours) / theirs) / 1000]];
      }),
    );
  return {
    ratios: against((workload) => (workload === 'W1' ? 'bullmq-hand' : 'bullmq-flow')),
    flowRatios: against(() => 'bullmq-flow'),
  };
}

/** The subjects of a round: in order, and in the reverse order every second time. */
export function orderOf(
  round: number,
  subjects: readonly Subject[] = SUBJECTS,
): readonly Subject[] {
  return round % 2 === 0 ? subjects : subjects.toReversed();
}
