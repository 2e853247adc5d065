/*
 * What was to be reached, and what was. Every figure is that of the measurement that was kept last; a target whose
 * measurement has not been made says so.
 */
import { type IdleRunCosts } from './measure-idle-runs.ts';
import { type LoopCosts } from './measure-loops.ts';
import { type StartCosts } from './measure-starts.ts';
import { markdownTable, shown } from './markdown-table.ts';
import { type MetricName } from './metrics.ts';
import { type Subject } from './subject.ts';
import { comparisonOf, medianOf, type Results } from './summary.ts';
import { type MeasuredName } from './workload.ts';

/** What is measured besides the rounds; absent = not yet. */
export interface Beside {
  readonly starts?: StartCosts;
  readonly loops?: LoopCosts;
  readonly idleRuns?: { readonly few: IdleRunCosts; readonly many: IdleRunCosts };
  /** How long one run of W3 takes, ms, by the number of its branches. */
  readonly wideMs?: Readonly<Record<string, number>>;
}

/** One target: a figure that is to be at least or at most a limit. */
interface Target {
  readonly name: string;
  readonly reached: number | undefined;
  readonly limit: number;
  readonly wants: '≥' | '≤';
  /** What keeps it from being reached. */
  readonly bound: string;
}

const NODE_CPU = 'the CPU of services and of scripts in Redis per task, on two cores';
const SCRIPT_CPU = 'two scripts of the store besides BullMQ’s: see what each of them costs';
const JOBS = 'jobs that were sent again';
const HOPS = 'a claim and a result per step, each a script and a turn of Node';
const MEMORY = 'rows, inputs and history of every task, in keys of their own per run';
const SHARED_CORES = 'elapsed time on two shared cores, also time without a processor';
const START_CPU = 'the CPU of one start in client and Redis: see Starts';
const LOOKS = 'a look at each run in 30 s, and sweepers that ask every partition';
const PAGES = 'commits of 256 rows, one after the other';

/** Each target as a row: what was wanted, what was reached, and what bounds it where it was missed. */
export function renderTargets(results: Results, beside: Beside): string {
  const rows = [
    ...ratioTargets(results),
    ...roundTargets(results),
    ...besideTargets(results, beside),
  ].map((target) => [
    target.name,
    `${target.wants} ${shown(target.limit)}`,
    target.reached === undefined ? 'not measured' : shown(target.reached),
    verdictOf(target),
  ]);
  return markdownTable(['target', 'wanted', 'reached', ''], rows);
}

function verdictOf({ reached, limit, wants, bound }: Target): string {
  if (reached === undefined) return '';
  const isMet = wants === '≥' ? reached >= limit : reached <= limit;
  return isMet ? 'met' : `missed: ${bound}`;
}

function atMost(name: string, limit: number, bound: string, reached: number | undefined): Target {
  return { name, reached, limit, wants: '≤', bound };
}

function atLeast(name: string, limit: number, bound: string, reached: number | undefined): Target {
  return { name, reached, limit, wants: '≥', bound };
}

function ratioTargets(results: Results): readonly Target[] {
  const { ratios } = comparisonOf(results);
  return [
    atLeast('W1 ÷ hand-written chain, workflows/s', 1.5, NODE_CPU, ratios['W1']),
    atLeast('the same without continuation', 0.7, NODE_CPU, ratios['W1NoContinuation']),
    atLeast('W2 ÷ FlowProducer, workflows/s', 1, NODE_CPU, ratios['W2']),
    atLeast('W4 ÷ FlowProducer, workflows/s', 1, NODE_CPU, ratios['W4']),
    atLeast('W3: FlowProducer’s time ÷ Joinery’s', 1, NODE_CPU, ratios['W3']),
  ];
}

const WHOLE = ['W1', 'W2', 'W3', 'W4'] as const;

function roundTargets(results: Results): readonly Target[] {
  const of = (workload: MeasuredName, metric: MetricName, subject: Subject = 'joinery') =>
    medianOf(results, { workload, subject, metric });
  const toFlow = (workload: MeasuredName, metric: MetricName): number | undefined =>
    over(of(workload, metric), of(workload, metric, 'bullmq-flow'));
  const toRaw = (workload: MeasuredName): number | undefined =>
    over(of(workload, 'redisCpuUsPerTask'), of('rawJob', 'redisCpuUsPerTask', 'bullmq-raw'));
  const each = (one: (workload: (typeof WHOLE)[number]) => Target): readonly Target[] =>
    WHOLE.map(one);
  return [
    ...each((w) =>
      atMost(`${w}: BullMQ jobs per task`, w === 'W1' ? 0.21 : 1.05, JOBS, of(w, 'jobsPerTask')),
    ),
    ...each((w) =>
      atMost(`${w}: Redis CPU per task ÷ a raw job’s`, w === 'W1' ? 1 : 1.5, SCRIPT_CPU, toRaw(w)),
    ),
    atMost('W1: idle latency p50 ÷ BullMQ flows', 1, HOPS, toFlow('W1', 'idleP50Ms')),
    atMost('W2: idle latency p50 ÷ BullMQ flows', 1, HOPS, toFlow('W2', 'idleP50Ms')),
    atMost(
      'W2 under load: last arrival to successor p99, ms',
      25,
      HOPS,
      of('W2', 'successionP99Ms'),
    ),
    ...each((w) =>
      atMost(`${w}: Redis bytes pending ÷ BullMQ flows`, 1, MEMORY, toFlow(w, 'bytesPerPending')),
    ),
    ...each((w) =>
      atMost(`${w}: Redis bytes finished ÷ a kept flow`, 1, MEMORY, toFlow(w, 'bytesPerFinished')),
    ),
    ...each((w) => atMost(`${w}: script p99, µs`, 1_000, SHARED_CORES, of(w, 'scriptP99Us'))),
    ...each((w) =>
      atMost(`${w}: slowest script of the store, µs`, 5_000, SHARED_CORES, of(w, 'slowestStoreUs')),
    ),
  ];
}

function besideTargets(results: Results, beside: Beside): readonly Target[] {
  const { starts, loops, idleRuns, wideMs } = beside;
  const { few, many } = idleRuns ?? {};
  const cpu = many && many.redisCpuPercent + many.serviceCpuPercent;
  const looks =
    few && many && (100 * (many.scriptsPerMinute - few.scriptsPerMinute)) / many.runCount;
  const thousandMs = medianOf(results, { workload: 'W3', subject: 'joinery', metric: 'idleP50Ms' });
  return [
    atLeast('starts/s in bulk', 5_000, START_CPU, starts?.bulkStartsPerSecond.median),
    atMost('one start under load p99, ms', 25, SHARED_CORES, starts?.loadedP99Ms.median),
    atMost(
      'late iteration of a loop ÷ an early one, time',
      1.2,
      SHARED_CORES,
      over(loops?.late.medianMs, loops?.early.medianMs),
    ),
    atMost('100,000 waiting runs: % of a core, Redis and services', 5, LOOKS, cpu),
    atMost('100,000 waiting runs: scripts added per 100 and minute', 2, LOOKS, looks),
    atMost(
      'a chain among 100,000 ÷ among 10, p50',
      1.1,
      SHARED_CORES,
      over(many?.chainP50Ms, few?.chainP50Ms),
    ),
    atMost(
      'W3: time of 10,000 branches ÷ of 1,000',
      11,
      PAGES,
      over(wideMs?.['10000'], thousandMs),
    ),
    atMost('W3: 100,000 branches complete, s', 600, PAGES, over(wideMs?.['100000'], 1_000)),
  ];
}

function over(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined ? undefined : part / whole;
}
