import { parseArgs } from 'node:util';
import { z } from 'zod';
import { FAMILIES, type Family } from './definition-pool.ts';

/** What the command was asked for. */
export interface SimOptions {
  /** The first seed; with `seeds` 1, it is played with its trace. */
  readonly seed: number;
  /** How many seeds; null = until `seconds` are over. */
  readonly seeds: number | null;
  /** Play on until so many joins have fired; null = not asked for. */
  readonly joins: number | null;
  readonly seconds: number;
  readonly family: Family | null;
  readonly faults: number | null;
  /** A mistake to be looked for. */
  readonly bug: string | null;
  readonly isJson: boolean;
  /** Print every step of the last seed, also when nothing is wrong with it. */
  readonly isTraced: boolean;
}

/** Printed for `--help` and after a mistake. */
export const USAGE = `npm run sim -- [options]
  --seed 7                    play this seed and print every step; without it: as many as fit
  --runs 100                  this many seeds, from --seed on (from 0 without it)
  --joins 100000              without --runs: go on until so many joins have fired
  --seconds 10                without --runs and --joins: go on for so long
  --family small              only definitions of this family: ${FAMILIES.join(', ')}
  --faults 0                  this many faults each; by default as the seed says
  --bug <name>                with this mistake in the engine; --bug list names them
  --json                      one object on the last line
`;

const whole = z.coerce.number().int().min(0);
const values = z.object({
  seed: whole.optional(),
  runs: whole.min(1).optional(),
  joins: whole.min(1).optional(),
  seconds: z.coerce.number().min(0.1).default(10),
  family: z.enum(FAMILIES).optional(),
  faults: whole.optional(),
  bug: z.string().optional(),
  json: z.boolean().default(false),
  help: z.boolean().default(false),
});

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;

/** Reads the arguments; null = help is wanted. Throws for what is unknown or out of range. */
export function parseSimOptions(args: readonly string[]): SimOptions | null {
  const options = {
    seed: text,
    runs: text,
    joins: text,
    seconds: text,
    family: text,
    faults: text,
    bug: text,
  };
  const parsed = parseArgs({ args: [...args], options: { ...options, json: flag, help: flag } });
  const given = values.parse(parsed.values);
  if (given.help) return null;
  const isMany = given.runs !== undefined || given.joins !== undefined;
  const isOneSeed = given.seed !== undefined && !isMany;
  return {
    seed: given.seed ?? 0,
    seeds: isOneSeed ? 1 : (given.runs ?? null),
    joins: given.joins ?? null,
    seconds: given.seconds,
    family: given.family ?? null,
    faults: given.faults ?? null,
    bug: given.bug ?? null,
    isJson: given.json,
    isTraced: isOneSeed,
  };
}
