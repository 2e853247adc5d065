import { type RoundResult } from './measure-round.ts';
import { quantile } from './quantile.ts';

/** One thing that is measured. */
export interface Metric {
  readonly name: MetricName;
  readonly label: string;
  /** Not a number: not measured for this subject or workload. */
  readonly of: (round: RoundResult) => number;
}

const MIB = 1024 ** 2;

/** What is measured, in the order of the report: label, and where a round has it. */
const table = {
  workflowsPerSecond: ['workflows/s', (round) => round.workflowsPerSecond],
  tasksPerSecond: ['tasks/s', (round) => round.tasksPerSecond],
  idleP50Ms: ['idle latency p50, ms', ({ idleMs }) => quantile(idleMs, 0.5)],
  idleP99Ms: ['idle latency p99, ms', ({ idleMs }) => quantile(idleMs, 0.99)],
  loadedP50Ms: ['latency under load p50, ms', ({ loadedMs }) => quantile(loadedMs, 0.5)],
  loadedP99Ms: ['latency under load p99, ms', ({ loadedMs }) => quantile(loadedMs, 0.99)],
  startP99Ms: ['one start under load p99, ms', ({ startsMs }) => quantile(startsMs, 0.99)],
  successionP50Ms: [
    'last arrival to successor p50, ms',
    ({ successionsMs }) => quantile(successionsMs, 0.5),
  ],
  successionP99Ms: [
    'last arrival to successor p99, ms',
    ({ successionsMs }) => quantile(successionsMs, 0.99),
  ],
  jobsPerTask: ['BullMQ jobs/task', ({ perTask }) => perTask.jobs],
  scriptsPerTask: ['scripts/task', ({ perTask }) => perTask.scripts],
  roundTripsPerTask: ['round trips/task', ({ perTask }) => perTask.roundTrips],
  commandsPerTask: ['commands/task, those in scripts too', ({ perTask }) => perTask.commands],
  bytesInPerTask: ['bytes into Redis/task', ({ perTask }) => perTask.bytesIn],
  bytesOutPerTask: ['bytes out of Redis/task', ({ perTask }) => perTask.bytesOut],
  redisCpuUsPerTask: ['Redis CPU/task, µs', ({ perTask }) => perTask.cpuUs],
  serviceCpuUsPerTask: ['services’ CPU/task, µs', ({ perTask }) => perTask.serviceCpuUs],
  clientCpuUsPerTask: ['client’s CPU/task, µs', ({ perTask }) => perTask.clientCpuUs],
  scriptP99Us: ['script p99 (BullMQ’s too), µs', ({ scriptTimes }) => scriptTimes.p99Us],
  slowStoreScripts: [
    'scripts of the store over 1 ms',
    ({ scriptTimes }) => scriptTimes.slowStoreCount,
  ],
  slowestStoreUs: [
    'slowest of them, µs (0: none)',
    ({ scriptTimes }) => scriptTimes.slowestStoreUs,
  ],
  bytesPerPending: ['Redis bytes per pending workflow', (round) => round.bytesPerPending],
  bytesPerFinished: ['Redis bytes per finished workflow', (round) => round.bytesPerFinished],
  clientRssMib: ['client’s memory (RSS), MiB', ({ rssBytes }) => rssBytes.client / MIB],
  serviceRssMib: ['largest service’s memory, MiB', ({ rssBytes }) => rssBytes.service / MIB],
  redisRssMib: ['Redis’ memory, MiB', ({ rssBytes }) => rssBytes.redis / MIB],
  warnings: ['warnings logged', ({ warningCount }) => warningCount],
} satisfies Record<string, readonly [string, (round: RoundResult) => number]>;

/** The name of a metric, in the JSON. */
export type MetricName = keyof typeof table;

/** See {@link Metric}. */
export const METRICS: readonly Metric[] = namesOf(table).map((name) => {
  const [label, of] = table[name];
  return { name, label, of };
});

function namesOf<Name extends string>(record: Readonly<Record<Name, unknown>>): readonly Name[] {
  return Object.keys(record).filter((name): name is Name => name in record);
}
