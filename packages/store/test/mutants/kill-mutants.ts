import { type RedisServer, startRedis } from '@joinery/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { agendaCheck } from '../agenda-check.ts';
import { agendaMutants } from './agenda-scripts.ts';
import {
  agreeWithTwin,
  type Check,
  definitionCheck,
  epochCheck,
  fleetCheck,
  lockCheck,
} from './checks.ts';
import { gateCheck, gateMutants } from './gate-scripts.ts';
import { edgeCheck } from './edge-check.ts';
import { indexCheck } from './index-check.ts';
import { type MutableRedis, type Mutant, mutated, openMutableRedis } from './mutant.ts';
import { type MutantsByScript } from './mutants-by-script.ts';
import { runMutants } from './run-scripts.ts';
import {
  definitionMutants,
  epochMutants,
  fleetMutants,
  indexMutants,
  lockMutants,
} from './small-scripts.ts';
import { taskMutants } from './task-scripts.ts';

/** A mutant with the script that it is put into and the check that must notice it. */
export interface MutantCase extends Mutant {
  readonly script: string;
  readonly check: Check;
}

/** The few edges first: they cost next to nothing. */
const runCheck: Check = async (redis) => {
  await edgeCheck(redis);
  await agreeWithTwin()(redis);
};

const suites: readonly (readonly [MutantsByScript, Check])[] = [
  [taskMutants, runCheck],
  [runMutants, runCheck],
  [lockMutants, lockCheck],
  [fleetMutants, fleetCheck],
  [epochMutants, epochCheck],
  [definitionMutants, definitionCheck],
  [agendaMutants, agendaCheck],
  [indexMutants, indexCheck],
  [gateMutants, gateCheck],
];

/** All mutants, script by script. */
export const mutantCases: readonly MutantCase[] = suites.flatMap(([byScript, check]) =>
  Object.entries(byScript).flatMap(([script, mutants]) =>
    mutants.map((mutant) => ({ ...mutant, script, check })),
  ),
);

/** Registers a test for each: its check rejects with the mutant in the place of the script. */
export function expectKilled(cases: readonly MutantCase[]): void {
  let server: RedisServer;
  let mutable: MutableRedis;
  beforeAll(async () => {
    server = await startRedis();
    mutable = openMutableRedis(server.url);
  });
  afterAll(async () => {
    mutable.redis.disconnect();
    await server[Symbol.asyncDispose]();
  });

  it.each([
    agreeWithTwin(5),
    edgeCheck,
    lockCheck,
    fleetCheck,
    epochCheck,
    definitionCheck,
    agendaCheck,
    indexCheck,
  ])('check %# passes with the scripts as they are', async (check) => {
    await mutable.use(null);
    await mutable.redis.flushall();
    await expect(check(mutable.redis)).resolves.toBeUndefined();
  });

  it.each(cases)('$script: $find ▸ $replace is noticed, else $why', async (mutant) => {
    await mutable.use(mutated(mutant.script, mutant));
    await mutable.redis.flushall();
    await expect(mutant.check(mutable.redis)).rejects.toBeInstanceOf(Error);
  });
}
