import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTaskDef, type RetryLogic } from '../definition/task-def.ts';
import { randomFrom } from './random.ts';
import { retryDelayMs, retryPolicyOf, type RetryPolicy } from './retry-policy.ts';

const policyOf = (rest: Readonly<Record<string, unknown>>): RetryPolicy =>
  retryPolicyOf({}, parseTaskDef({ name: 'work', retryDelaySeconds: 10, ...rest }));

const delays = (policy: RetryPolicy): number[] =>
  [1, 2, 3, 4].map((attempt) => retryDelayMs(policy, { attempt, seed: 1 }));

describe('the delay before a retry', () => {
  it.each<[RetryLogic, number[]]>([
    ['FIXED', [10_000, 10_000, 10_000, 10_000]],
    ['LINEAR_BACKOFF', [20_000, 40_000, 60_000, 80_000]],
    ['EXPONENTIAL_BACKOFF', [10_000, 20_000, 40_000, 80_000]],
  ])('grows as %s says', (retryLogic, expected) => {
    expect(delays(policyOf({ retryLogic, backoffScaleFactor: 2 }))).toEqual(expected);
  });

  it('stops at the cap', () => {
    const policy = policyOf({ retryLogic: 'EXPONENTIAL_BACKOFF', maxRetryDelaySeconds: 25 });
    expect(delays(policy)).toEqual([10_000, 20_000, 25_000, 25_000]);
  });

  it.each([
    ['shorter than the policy’s', {}, 3_000, 3_000],
    ['longer than the policy’s', {}, 30_000, 30_000],
    ['nothing', {}, 0, 0],
    ['beyond the cap', { maxRetryDelaySeconds: 25 }, 30_000, 25_000],
    ['beyond all measure', {}, Number.MAX_VALUE, 366 * 24 * 3_600_000],
  ])('is what the failed attempt asks for when that is %s', (_what, rest, wishMs, expected) => {
    expect(retryDelayMs(policyOf(rest), { attempt: 2, seed: 1, wishMs })).toBe(expected);
  });

  it('has the policy’s jitter on top of what was asked for', () => {
    const policy = policyOf({ backoffJitterMs: 9 });
    const found = Array.from({ length: 100 }, (_, seed) =>
      retryDelayMs(policy, { attempt: 1, seed, wishMs: 50 }),
    );
    expect([Math.min(...found), Math.max(...found)]).toEqual([50, 59]);
  });

  it('takes the count of the task before that of its definition', () => {
    const taskDef = parseTaskDef({ name: 'work', retryCount: 3 });
    expect(retryPolicyOf({ retryCount: 0 }, taskDef).retryCount).toBe(0);
    expect(retryPolicyOf({}, taskDef).retryCount).toBe(3);
  });

  it('is a whole, safe number whose jitter stays in its bounds, for any policy and attempt', () => {
    const int = fc.integer({ min: 0, max: 2_147_483_647 });
    const policy = fc.record({
      retryLogic: fc.constantFrom('FIXED', 'LINEAR_BACKOFF', 'EXPONENTIAL_BACKOFF'),
      retryDelaySeconds: int,
      backoffScaleFactor: int.map((value) => Math.max(1, value)),
      maxRetryDelaySeconds: int,
      backoffJitterMs: int,
    });
    fc.assert(
      fc.property(
        policy,
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer(),
        (rest, attempt, seed) => {
          const jittered = retryDelayMs(policyOf(rest), { attempt, seed });
          const plain = retryDelayMs(policyOf({ ...rest, backoffJitterMs: 0 }), { attempt, seed });
          expect(Number.isSafeInteger(jittered)).toBe(true);
          expect(jittered - plain).toBeGreaterThanOrEqual(0);
          expect(jittered - plain).toBeLessThanOrEqual(rest.backoffJitterMs);
          expect(retryDelayMs(policyOf(rest), { attempt, seed })).toBe(jittered);
          const later = retryDelayMs(policyOf({ ...rest, backoffJitterMs: 0 }), {
            attempt: attempt + 1,
            seed,
          });
          expect(later).toBeGreaterThanOrEqual(plain);
        },
      ),
    );
  });

  it('spreads its jitter evenly', () => {
    const policy = policyOf({ backoffJitterMs: 9 });
    const counts = Array.from({ length: 10 }, () => 0);
    for (let seed = 0; seed < 10_000; seed += 1) {
      const slot = retryDelayMs(policy, { attempt: 1, seed }) - 10_000;
      counts[slot] = (counts[slot] ?? 0) + 1;
    }
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
  });
});

describe('the random number of a seed', () => {
  it('is the same for the same seed and lies in [0, 1)', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const drawn = randomFrom(seed);
        expect(drawn).toBe(randomFrom(seed));
        expect(drawn >= 0 && drawn < 1).toBe(true);
      }),
    );
  });
});
