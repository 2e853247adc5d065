import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type Role, ROLES } from './joinery-service.ts';
import { type RoundSize } from './measure-round.ts';
import { type WorkloadName, WORKLOADS } from './workload.ts';

/** What the command was asked for. */
export interface BenchOptions extends RoundSize {
  readonly workloads: readonly WorkloadName[];
  readonly rounds: number;
  /** End with one line of JSON. */
  readonly isJson: boolean;
  /** Measure the store's scripts one by one, and nothing else. */
  readonly isScripts: boolean;
  readonly services: readonly (readonly Role[])[];
  readonly profileDir?: string;
}

/** Printed for `--help` and after a mistake. */
export const USAGE = `npm run bench -- [options]
  --workload W1|W2     only this one; both by default
  --rounds 5           rounds per subject and workload
  --seconds 5          length of each closed loop
  --warm-up 3          seconds of the same load before it, not measured
  --inflight 64        workflows under way at a time in the closed loop
  --pending 500        workflows started before any service runs, for memory
  --idle 100           workflows run one by one for latency
  --services worker,coordinator/scheduler/sweeper
                       Joinery's processes, with commas between; roles of one process with slashes
  --scripts            what each script of the store costs Redis, and nothing else
  --profile <folder>   CPU profiles of all processes
  --json               one object on the last line
`;

const whole = z.coerce.number().int().min(1);
const values = z.object({
  workload: z.enum(WORKLOADS).optional(),
  rounds: whole.default(5),
  seconds: z.coerce.number().min(0.1).default(5),
  'warm-up': z.coerce.number().min(0).default(3),
  inflight: whole.default(64),
  pending: whole.default(500),
  idle: whole.default(100),
  services: z
    .string()
    .default('worker,coordinator/scheduler/sweeper')
    .transform((text) => text.split(',').map((roles) => roles.split('/')))
    .pipe(z.array(z.array(z.enum(ROLES)))),
  scripts: z.boolean().default(false),
  profile: z.string().optional(),
  json: z.boolean().default(false),
  help: z.boolean().default(false),
});

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

/** Reads the arguments; null = help is wanted. Throws for what is unknown or out of range. */
export function parseOptions(args: readonly string[]): BenchOptions | null {
  const names = [
    'workload',
    'rounds',
    'seconds',
    'warm-up',
    'inflight',
    'pending',
    'idle',
    'services',
  ];
  const parsed = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries([...names, 'profile'].map((name) => [name, text])),
      ...Object.fromEntries(['scripts', 'json', 'help'].map((name) => [name, flag])),
    },
  });
  const given = values.parse(parsed.values);
  if (given.help) return null;
  return {
    workloads: given.workload === undefined ? WORKLOADS : [given.workload],
    rounds: given.rounds,
    loopMs: given.seconds * 1000,
    warmUpMs: given['warm-up'] * 1000,
    inflight: given.inflight,
    pendingCount: given.pending,
    idleCount: given.idle,
    services: given.services,
    isScripts: given.scripts,
    isJson: given.json,
    ...(given.profile !== undefined && { profileDir: given.profile }),
  };
}
