import { markdownTable, shown } from './markdown-table.ts';
import { type MetricName } from './metrics.ts';
import { ceilingsOf, installationFor, liveRunsGb, masterThroughput } from './scale-model.ts';
import { type TaskCosts } from './scale-model.ts';
import { medianOf, type Results } from './summary.ts';
import { type WorkloadName, WORKLOADS, workloadOf } from './workload.ts';

const RATES = [10_000, 100_000, 1_000_000];
const LIVE_RUNS = 10_000_000;

/** The tables of the scale page, from the figures that were kept last. Throws when they lack the raw job. */
export function renderScale(results: Results, branches: number): string {
  const raw = medianOf(results, {
    workload: 'rawJob',
    subject: 'bullmq-raw',
    metric: 'redisCpuUsPerTask',
  });
  if (raw === undefined) throw new Error('the figures lack the raw job of BullMQ');
  return WORKLOADS.flatMap((workload) => {
    const costs = costsOf(results, workload, branches);
    return costs === null ? [] : [renderWorkload(costs, raw)];
  }).join('\n');
}

function costsOf(results: Results, workload: WorkloadName, branches: number): TaskCosts | null {
  const subject = 'joinery';
  const of = (metric: MetricName): number =>
    medianOf(results, { workload, subject, metric }) ?? Number.NaN;
  if (results[workload]?.joinery === undefined) return null;
  return {
    workload,
    taskCount: workloadOf(workload, branches).taskCount,
    redisCpuUs: of('redisCpuUsPerTask'),
    serviceCpuUs: of('serviceCpuUsPerTask'),
    bytes: of('bytesInPerTask') + of('bytesOutPerTask'),
    jobs: of('jobsPerTask'),
    bytesPerPending: of('bytesPerPending'),
    bytesPerFinished: of('bytesPerFinished'),
  };
}

function renderWorkload(costs: TaskCosts, rawJobUs: number): string {
  const plans = RATES.map((rate) => installationFor(costs, rate));
  const row = (label: string, of: (plan: (typeof plans)[number]) => number): readonly string[] => [
    label,
    ...plans.map((plan) => shown(of(plan))),
  ];
  const ceilings = ceilingsOf(costs, rawJobUs);
  return [
    `### ${costs.workload}\n`,
    `${shown(costs.redisCpuUs)} µs of Redis per task: ${shown(masterThroughput(costs))} tasks/s per master. ` +
      `10 million waiting runs are ${shown(liveRunsGb(costs, LIVE_RUNS))} GB.\n`,
    markdownTable(
      ['tasks/s', ...RATES.map(shown)],
      [
        row('masters', ({ masters }) => masters),
        row('partitions', ({ partitions }) => partitions),
        row('cores for services', ({ serviceCores }) => serviceCores),
        row('traffic of all masters, MB/s', ({ mbPerSecond }) => mbPerSecond),
        row('kept for 24 h, GB', ({ keptGb }) => keptGb),
      ],
    ),
    markdownTable(
      ['what is full first', 'at tasks/s'],
      ceilings.map(({ what, tasksPerSecond }) => [what, shown(tasksPerSecond)]),
    ),
  ].join('\n');
}
