import { describe, expect, it } from 'vitest';
import { createLockstep } from './lockstep.ts';

describe('createLockstep', () => {
  it('makes a batch of the calls that all walkers wait for, and nothing during it', async () => {
    const batches: string[] = [];
    let isMeasuring = false;
    const lockstep = createLockstep(3, async (name, calls) => {
      isMeasuring = true;
      await calls();
      isMeasuring = false;
      batches.push(name);
    });
    const walkers = [1, 2, 3].map((steps) =>
      lockstep.walk(async () => {
        for (let step = 1; step <= steps; step += 1) {
          expect(await lockstep.call(`step ${step}`, () => step)).toBe(step);
          expect(isMeasuring).toBe(false);
        }
      }),
    );
    await Promise.all(walkers);
    expect(batches).toEqual(['step 1', 'step 2', 'step 3']);
    expect([1, 2, 3].map((step) => lockstep.countOf(`step ${step}`))).toEqual([3, 2, 1]);
  });

  it('measures each kind of call by itself when walkers are not at the same one', async () => {
    const batches: string[] = [];
    const lockstep = createLockstep(2, async (name, calls) => {
      await calls();
      batches.push(name);
    });
    const walk = (name: string): Promise<void> =>
      lockstep.walk(async () => void (await lockstep.call(name, () => name)));
    await Promise.all([walk('a'), walk('b')]);
    expect(batches).toEqual(['a', 'b']);
  });

  it('hands the failure of a call to its walker, and of a measurement to all', async () => {
    expect(await outcomes((calls) => calls())).toEqual(['Error: of one', 'fine']);
    expect(await outcomes(() => Promise.reject(new Error('of all')))).toEqual([
      'Error: of all',
      'Error: of all',
    ]);
  });
});

/** How two walkers end of whom the first one's call fails. */
async function outcomes(
  measure: (calls: () => Promise<void>) => Promise<void>,
): Promise<readonly string[]> {
  const lockstep = createLockstep(2, (_name, calls) => measure(calls));
  const walk = (work: () => unknown): Promise<void> =>
    lockstep.walk(async () => void (await lockstep.call('x', work)));
  const fails = walk(() => Promise.reject(new Error('of one')));
  const settled = await Promise.allSettled([fails, walk(() => 1)]);
  return settled.map((each) => (each.status === 'rejected' ? String(each.reason) : 'fine'));
}
