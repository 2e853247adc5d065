import { parseArgs } from 'node:util';
import { z } from 'zod';
import { SIZE_NAMES, type SizeName } from './scenario.ts';

/** What the command was asked for. */
export interface ChaosOptions {
  readonly what: 'play' | 'list' | 'docs' | 'help';
  /** Null: all of them. */
  readonly scenario: string | null;
  readonly size: SizeName;
  readonly runs?: number;
  readonly seed?: number;
  readonly forMs?: number;
  readonly isJson: boolean;
  /** Keep the report for the pages. */
  readonly isRecorded: boolean;
}

/** Printed for `--help` and after a mistake. */
export const USAGE = `npm run chaos -- [options]
  --scenario C1        this one; --list tells which there are
  --all                all of them, in release size, ten minutes each at most: the release gate
  --size default       test, default or release
  --runs N             at least N runs, and faults in proportion
  --minutes M          no more faults and starts after M minutes; 10 in release size
  --seed S             of the chance by which faults are chosen; printed when not given
  --json               one object on the last line
  --record             keep the report in docs/chaos/results
  --docs               write the pages of docs/chaos from what was recorded
  --list               the scenarios, a line each
`;

const values = z.object({
  scenario: z.string().optional(),
  size: z.enum(SIZE_NAMES).optional(),
  runs: z.coerce.number().int().min(1).optional(),
  minutes: z.coerce.number().positive().optional(),
  seed: z.coerce.number().int().min(0).optional(),
  all: z.boolean().default(false),
  json: z.boolean().default(false),
  record: z.boolean().default(false),
  docs: z.boolean().default(false),
  list: z.boolean().default(false),
  help: z.boolean().default(false),
});

/** Of each scenario in release size, unless its planned faults come sooner. */
const GATE_MINUTES = 10;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const texts = { scenario: text, size: text, runs: text, minutes: text, seed: text };
const flags = { all: flag, json: flag, record: flag, docs: flag, list: flag, help: flag };

/** Reads the arguments. Throws for what is unknown or out of range. */
export function parseChaosOptions(args: readonly string[]): ChaosOptions {
  const parsed = parseArgs({ args: [...args], options: { ...texts, ...flags } });
  const given = values.parse(parsed.values);
  const size = given.size ?? (given.all ? 'release' : 'default');
  const minutes = given.minutes ?? (size === 'release' ? GATE_MINUTES : undefined);
  if (given.all && given.scenario !== undefined) throw new Error('--all or --scenario, not both');
  return {
    what: given.help ? 'help' : given.list ? 'list' : given.docs ? 'docs' : 'play',
    scenario: given.all ? null : (given.scenario ?? 'C1'),
    size,
    isJson: given.json,
    isRecorded: given.record,
    ...(given.runs !== undefined && { runs: given.runs }),
    ...(given.seed !== undefined && { seed: given.seed }),
    ...(minutes !== undefined && { forMs: minutes * 60_000 }),
  };
}
