import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type Role, ROLES } from './joinery-service.ts';
import { type RoundSize } from './measure-round.ts';
import { type LoadShape, type MeasuredName, MEASURED, WIDE_FORK } from './workload.ts';

/** What is to be measured: the rounds, or one of the measurements beside them. */
export const MODES = [
  'rounds',
  'scripts',
  'starts',
  'peers',
  'loops',
  'idle-runs',
  'cluster',
  'scale',
] as const;
/** One of {@link MODES}. */
export type Mode = (typeof MODES)[number];

/** What the command was asked for. */
export interface BenchOptions extends RoundSize {
  readonly mode: Mode;
  readonly workloads: readonly MeasuredName[];
  /** Branches of W3. */
  readonly branches: number;
  readonly rounds: number;
  /** How long each setting is tried before the rounds, ms; 0 = no sweep, defaults are used. */
  readonly sweepMs: number;
  /** What stands instead of the workload's own load. */
  readonly load: Partial<LoadShape>;
  /** End with one line of JSON. */
  readonly isJson: boolean;
  /** Put the tables and figures into the pages of the documentation. */
  readonly isWritingDocs: boolean;
  readonly services: readonly (readonly Role[])[];
  readonly idleRunCount: number;
  /** Between the start of waiting runs and their measurement, ms. */
  readonly settleMs: number;
  /** Iterations of the loop that is measured. */
  readonly iterationCount: number;
  /** Masters of each Redis Cluster. */
  readonly clusterSizes: readonly number[];
  readonly profileDir?: string;
}

/** Printed for `--help` and after a mistake. */
export const USAGE = `npm run bench -- [options]
  --workload W1,W2     only these (W1, W2, W3, W4, rawJob); all by default
  --branches 1000      width of W3: 1000, 10000 or 100000
  --rounds 5           rounds per subject and workload
  --seconds 5          length of each closed loop, and of the loop at a steady rate
  --warm-up 3          seconds of the same load before it, not measured
  --warm-up-tasks 5000 the warm-up goes on until each worker process has run so many tasks
  --sweep 1            seconds for which each setting is tried before the rounds; 0: no sweep, 1 process × 50
  --inflight N         workflows under way at a time in the closed loop: 64, W3 1
  --pending N          workflows started before any service runs, for memory: 500, W4 100, W3 5
  --idle N             workflows run one by one for latency: 100, W3 10
  --services worker,coordinator/scheduler/sweeper
                       Joinery's processes, with commas between; roles of one process with slashes
  --profile <folder>   CPU profiles of all processes
  --json               one object on the last line
  --write-docs         puts tables and figures into docs/

 Instead of rounds:
  --scripts            what each script of the store costs Redis
  --starts             starts per second, and how long one takes while runs are under way
  --idle-runs N        what N runs cost that only wait, beside 10 of them, for 12 × --seconds
  --settle 90          seconds between their start and the measurement: each has its first full evaluation by then
  --peers              Restate on the same workloads, installed by npm into a temporary folder
  --loops 10000        what an iteration of a loop costs, early and late
  --cluster 1,3,6,12   cost per task of W2 (or --workload) on Redis Clusters of so many masters
  --scale              what the figures written last mean for large installations, and for the targets
`;

const whole = z.coerce.number().int().min(1);
const names = z
  .string()
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(MEASURED)));
const flag = z.boolean().default(false);
const flags = {
  scripts: flag,
  starts: flag,
  scale: flag,
  peers: flag,
  json: flag,
  'write-docs': flag,
  help: flag,
};
const FLAGS: ReadonlySet<string> = new Set(Object.keys(flags));
const values = z.object({
  workload: names.optional(),
  branches: whole.max(100_000).default(WIDE_FORK),
  rounds: whole.default(5),
  seconds: z.coerce.number().min(0.1).default(5),
  'warm-up': z.coerce.number().min(0).default(3),
  'warm-up-tasks': z.coerce.number().int().min(0).default(5_000),
  sweep: z.coerce.number().min(0).default(1),
  inflight: whole.optional(),
  pending: whole.optional(),
  idle: whole.optional(),
  services: z
    .string()
    .default('worker,coordinator/scheduler/sweeper')
    .transform((text) => text.split(',').map((roles) => roles.split('/')))
    .pipe(z.array(z.array(z.enum(ROLES)))),
  'idle-runs': whole.optional(),
  settle: z.coerce.number().min(0).default(90),
  loops: whole.min(100).optional(),
  cluster: z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.coerce.number<string>().int().min(1).max(16)))
    .optional(),
  profile: z.string().optional(),
  ...flags,
});

/** Every option that there is, in the order of the help. */
export const OPTION_NAMES: readonly string[] = Object.keys(values.shape);

type Given = z.infer<typeof values>;

/** Reads the arguments; null = help is wanted. Throws for what is unknown or out of range. */
export function parseOptions(args: readonly string[]): BenchOptions | null {
  const options = OPTION_NAMES.map(
    (name) => [name, { type: FLAGS.has(name) ? 'boolean' : 'string' }] as const,
  );
  const parsed = parseArgs({ args: [...args], options: Object.fromEntries(options) });
  const given = values.parse(parsed.values);
  if (given.help) return null;
  return {
    mode: modeOf(given),
    workloads: given.workload ?? MEASURED,
    branches: given.branches,
    rounds: given.rounds,
    loopMs: given.seconds * 1000,
    warmUpMs: given['warm-up'] * 1000,
    warmUpTasks: given['warm-up-tasks'],
    sweepMs: given.sweep * 1000,
    load: {
      ...(given.inflight !== undefined && { inflight: given.inflight }),
      ...(given.pending !== undefined && { pendingCount: given.pending }),
      ...(given.idle !== undefined && { idleCount: given.idle }),
    },
    services: given.services,
    idleRunCount: given['idle-runs'] ?? 0,
    settleMs: given.settle * 1000,
    iterationCount: given.loops ?? 0,
    clusterSizes: given.cluster ?? [],
    isJson: given.json,
    isWritingDocs: given['write-docs'],
    ...(given.profile !== undefined && { profileDir: given.profile }),
  };
}

function modeOf(given: Given): Mode {
  const asked = MODES.filter((mode) => mode !== 'rounds' && isAsked(given[mode]));
  if (asked.length > 1) throw new Error(`one at a time: --${asked.join(', --')}`);
  return asked[0] ?? 'rounds';
}

function isAsked(value: unknown): boolean {
  return value !== undefined && value !== false;
}
