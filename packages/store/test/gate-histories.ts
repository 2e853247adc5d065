import fc from 'fast-check';
import { type Redis } from 'ioredis';
import { expect } from 'vitest';
import { createMemoryGates, createRedisGates, type Gates } from '../src/index.ts';

/** One call of a history; places are numbers, so that calls meet. */
export type GateStep =
  | { readonly type: 'pass'; readonly ms: number }
  | {
      readonly type: 'enter';
      readonly member: string;
      readonly token: string;
      readonly isForced: boolean;
      readonly limits: number;
    }
  | { readonly type: 'leave' | 'beat'; readonly member: string; readonly token: string }
  | { readonly type: 'advance' };

const MEMBERS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
/** Members by their concurrency key, and the places that it has. */
const KEYS: Readonly<Record<string, readonly [key: string, keyMax: number]>> = {
  a: ['x', 1],
  b: ['x', 1],
  c: ['y:é', 2],
  d: ['y:é', 2],
  e: ['y:é', 2],
};
/** Mostly the same limits: changing ones are seldom. */
const LIMITS = [
  { max: 2, rate: 0, perMs: 0 },
  { max: 3, rate: 0, perMs: 0 },
  { max: 0, rate: 2, perMs: 700 },
  { max: 2, rate: 3, perMs: 2_000 },
];

const member = fc.constantFrom(...MEMBERS);
const token = fc.constantFrom('1', '2', '');

/** Histories of one gate. */
export const gateHistory: fc.Arbitrary<readonly GateStep[]> = fc
  .tuple(fc.nat(3), fc.nat(3))
  .chain(([usual, other]) =>
    fc.array(
      fc.oneof(
        {
          weight: 6,
          arbitrary: fc.record({
            type: fc.constant('enter' as const),
            member,
            token: fc.constantFrom('1', '1', '1', '2'),
            isForced: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
            limits: fc.integer({ min: 0, max: 9 }).map((n) => (n === 0 ? other : usual)),
          }),
        },
        { weight: 4, arbitrary: fc.record({ type: fc.constant('leave' as const), member, token }) },
        { weight: 1, arbitrary: fc.record({ type: fc.constant('beat' as const), member, token }) },
        { weight: 1, arbitrary: fc.record({ type: fc.constant('advance' as const) }) },
        {
          weight: 2,
          arbitrary: fc.record({
            type: fc.constant('pass' as const),
            ms: fc.constantFrom(1, 350, 700, 5_000, 10_000),
          }),
        },
      ),
      { minLength: 10, maxLength: 40 },
    ),
  );

/** Plays a history on Redis and on the twin; rejects when they differ after any step. Answers how many there were. */
export async function playGateHistory(redis: Redis, steps: readonly GateStep[]): Promise<number> {
  await redis.flushall();
  let now = 1_700_000_000_000;
  const clock = { now: () => now };
  const twins = [createRedisGates(redis, clock), createMemoryGates(clock)] as const;
  for (const step of steps) {
    if (step.type === 'pass') now += step.ms;
    const [real, twin] = await Promise.all(twins.map((gates) => stateAfter(gates, step)));
    expect({ step, real }).toEqual({ step, real: twin });
  }
  return steps.length;
}

const LEASE_MS = 4_000;

async function stateAfter(gates: Gates, step: GateStep): Promise<unknown> {
  const reply = await call(gates, step);
  return { reply, knows: await gates.knows('g', MEMBERS), due: await gates.due() };
}

function call(gates: Gates, step: GateStep): Promise<unknown> {
  const gate = 'g';
  switch (step.type) {
    case 'pass':
      return Promise.resolve(null);
    case 'advance':
      return gates.advance(gate);
    case 'leave':
      return gates.leave({ gate, member: step.member, token: step.token });
    case 'beat':
      return gates.beat(gate, [{ ...step, leaseMs: LEASE_MS }]);
    case 'enter': {
      const [key, keyMax] = KEYS[step.member] ?? ['', 0];
      const limits = LIMITS[step.limits] ?? { max: 0, rate: 0, perMs: 0 };
      const { member: name, token: of, isForced } = step;
      const job = `job of ${name}`;
      const wish = { gate, member: name, token: of, limits, key, keyMax, job };
      return gates.enter({ ...wish, leaseMs: LEASE_MS, isForced });
    }
  }
}
