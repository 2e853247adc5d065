import { type RoundResult } from './measure-round.ts';
import { type MetricName, METRICS } from './metrics.ts';
import { type Spread, spreadOf } from './quantile.ts';
import { isJoinery, type Subject, type SubjectSettings } from './subject.ts';
import { type MeasuredName } from './workload.ts';

/** The measurements of one subject on one workload over all rounds; what cannot be measured there is absent. */
export interface Summary {
  readonly settings: SubjectSettings;
  readonly metrics: Partial<Readonly<Record<MetricName, Spread>>>;
}

/** Each metric over all rounds. */
export function summarize(settings: SubjectSettings, rounds: readonly RoundResult[]): Summary {
  const spreads = METRICS.map(({ name, of }) => [name, spreadOf(rounds.map(of))] as const);
  const measured = spreads.filter(([, { median }]) => !Number.isNaN(median));
  return { settings, metrics: Object.fromEntries(measured) };
}

/** Summaries by workload and subject; what was not measured is absent. */
export type Results = Partial<Record<MeasuredName, Partial<Record<Subject, Summary>>>>;

/** Joinery beside BullMQ: more is better. Names are W1, W1NoContinuation, W2, W3, W4; what was not measured is absent. */
export interface Comparison {
  /**
   * Workflows/s of Joinery as a multiple of BullMQ's: of the hand-written chain for W1 and W1NoContinuation, of
   * FlowProducer for W2 and W4. For W3 BullMQ's time for one workflow as a multiple of Joinery's.
   */
  readonly ratios: Readonly<Record<string, number>>;
  /** Redis CPU per task of Joinery, µs; rawJob: of one BullMQ job. */
  readonly redisCpuPerTask: Readonly<Record<string, number>>;
}

/** Compares the medians. */
export function comparisonOf(results: Results): Comparison {
  const speed = (workload: MeasuredName, subject: Subject): number | undefined =>
    medianOf(results, { workload, subject, metric: 'workflowsPerSecond' });
  const cpu = (workload: MeasuredName, subject: Subject): number | undefined =>
    medianOf(results, { workload, subject, metric: 'redisCpuUsPerTask' });
  const timeOf = (subject: Subject): number | undefined =>
    medianOf(results, { workload: 'W3', subject, metric: 'idleP50Ms' });
  return {
    ratios: present({
      W1: ratio(speed('W1', 'joinery'), speed('W1', 'bullmq-hand')),
      W1NoContinuation: ratio(speed('W1', 'joinery-no-continuation'), speed('W1', 'bullmq-hand')),
      W2: ratio(speed('W2', 'joinery'), speed('W2', 'bullmq-flow')),
      W3: ratio(timeOf('bullmq-flow'), timeOf('joinery')),
      W4: ratio(speed('W4', 'joinery'), speed('W4', 'bullmq-flow')),
    }),
    redisCpuPerTask: present({
      W1: cpu('W1', 'joinery'),
      W2: cpu('W2', 'joinery'),
      W3: cpu('W3', 'joinery'),
      W4: cpu('W4', 'joinery'),
      rawJob: cpu('rawJob', 'bullmq-raw'),
    }),
  };
}

/** The median of one metric, if it was measured. */
export function medianOf(
  results: Results,
  {
    workload,
    subject,
    metric,
  }: {
    readonly workload: MeasuredName;
    readonly subject: Subject;
    readonly metric: MetricName;
  },
): number | undefined {
  return results[workload]?.[subject]?.metrics[metric]?.median;
}

function ratio(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined ? undefined : part / whole;
}

/** Three decimals; what is undefined is left out. */
function present(
  values: Readonly<Record<string, number | undefined>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Math.round(1000 * value) / 1000] as const],
    ),
  );
}

/** The subjects of a round: in order, and in the reverse order every second time. */
export function orderOf(round: number, subjects: readonly Subject[]): readonly Subject[] {
  return round % 2 === 0 ? subjects : subjects.toReversed();
}

/** The subject and its settings, as a column of a table is headed. */
export function headOf(subject: Subject, settings: SubjectSettings): string {
  const { concurrency, workerProcesses, removeOnComplete } = settings;
  const removal = isJoinery(subject) ? '' : removeOnComplete ? ', jobs removed' : ', jobs kept';
  return `${subject} (${workerProcesses} × ${concurrency}${removal})`;
}
