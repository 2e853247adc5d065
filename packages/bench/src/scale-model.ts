/*
 * What measured costs per task mean for large installations. Pure: costs in, numbers out.
 * The model: Redis runs commands on one core, so a master that is busy for 70 % of it does 700,000 µs of work a second;
 * costs per task do not depend on the number of masters (the cluster measurement says whether that holds).
 */

/** Costs of one workload, from the rounds. */
export interface TaskCosts {
  readonly workload: string;
  readonly taskCount: number;
  readonly redisCpuUs: number;
  readonly serviceCpuUs: number;
  /** Into Redis and out of it. */
  readonly bytes: number;
  readonly jobs: number;
  /** Redis bytes of a run that waits, and of one that is kept. */
  readonly bytesPerPending: number;
  readonly bytesPerFinished: number;
}

/** What an installation of so many tasks per second needs. */
export interface Installation {
  readonly tasksPerSecond: number;
  /** For their CPU: partitions are spread over them. */
  readonly masters: number;
  /** Eight to a master, so that none has an eighth more than another; 256 are the most that there are. */
  readonly partitions: number;
  readonly serviceCores: number;
  readonly mbPerSecond: number;
  /** Runs that have ended and are kept for a day, GB. */
  readonly keptGb: number;
}

/** Something that does not grow with the number of masters, and the rate at which it is full. */
export interface Ceiling {
  readonly what: string;
  readonly tasksPerSecond: number;
}

/** Share of a core that a master may be busy: above it queues grow and latencies with them. */
export const BUSY_SHARE = 0.7;
const CAPACITY_US = BUSY_SHARE * 1_000_000;
const MOST_PARTITIONS = 256;
const PARTITIONS_PER_MASTER = 8;
const DAY_S = 86_400;
const GB = 1_000_000_000;

/** Tasks/s of one master. */
export function masterThroughput({ redisCpuUs }: TaskCosts): number {
  return CAPACITY_US / redisCpuUs;
}

/** What so many tasks per second need. */
export function installationFor(costs: TaskCosts, tasksPerSecond: number): Installation {
  const masters = Math.ceil(tasksPerSecond / masterThroughput(costs));
  const runsPerDay = (tasksPerSecond / costs.taskCount) * DAY_S;
  return {
    tasksPerSecond,
    masters,
    partitions: Math.min(MOST_PARTITIONS, Math.max(16, masters * PARTITIONS_PER_MASTER)),
    serviceCores: (tasksPerSecond * costs.serviceCpuUs) / (BUSY_SHARE * 1_000_000),
    mbPerSecond: (tasksPerSecond * costs.bytes) / 1_000_000,
    keptGb: (runsPerDay * costs.bytesPerFinished) / GB,
  };
}

/** Memory of so many runs that wait, GB. */
export function liveRunsGb({ bytesPerPending }: TaskCosts, runCount: number): number {
  return (runCount * bytesPerPending) / GB;
}

/** What is full first; least first. `rawJobUs`: Redis CPU of one BullMQ job. */
export function ceilingsOf(costs: TaskCosts, rawJobUs: number): readonly Ceiling[] {
  const throughput = masterThroughput(costs);
  const queue = CAPACITY_US / (costs.jobs * rawJobUs);
  return [
    { what: 'one run, or one partition: it is on one master', tasksPerSecond: throughput },
    { what: 'BullMQ’s queues: with the prefix {bull} all are in one slot', tasksPerSecond: queue },
    { what: '256 partitions, one to a master', tasksPerSecond: MOST_PARTITIONS * throughput },
  ].toSorted((a, b) => a.tasksPerSecond - b.tasksPerSecond);
}
