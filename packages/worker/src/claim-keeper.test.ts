import { eventually } from '@joinery/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { key, runId, type TestDesk, testDesk } from '../test/fixtures/desk.ts';
import { interruptOf } from './task-context.ts';

let desk: TestDesk | undefined;
const start = (timings = {}): TestDesk => {
  desk = testDesk(timings);
  desk.keeper.start();
  return desk;
};
const identity = (token: string) => ({ runId, key, attempt: 1, token });
afterEach(() => desk?.keeper.stop(1_000));

describe('the claim keeper', () => {
  it('renews all claims with one request per beat, and none when there are none', async () => {
    const { keeper, verbs } = start();
    const a = keeper.hold(identity('a'));
    keeper.hold(identity('b'));
    await eventually(() => verbs.beats.length > 1);
    expect(verbs.beats[1]?.map(({ token, leaseMs }) => [token, leaseMs])).toEqual([
      ['a', 50],
      ['b', 50],
    ]);
    a.release();
    const before = verbs.beats.length;
    await eventually(() => verbs.beats.length > before + 1);
    expect(verbs.beats.at(-1)?.map(({ token }) => token)).toEqual(['b']);
  });

  it('interrupts the claim that the store refuses, and only that one', async () => {
    const { keeper, verbs, logger } = start();
    verbs.onBeat = (items) => items.map(({ token }) => token !== 'lost');
    const lost = keeper.hold(identity('lost'));
    const kept = keeper.hold(identity('kept'));
    await eventually(() => lost.signal.aborted);
    expect(interruptOf(lost.signal)).toBe('claim-lost');
    expect([kept.signal.aborted, keeper.count]).toEqual([false, 1]);
    expect(logger.events()).toEqual(['claim.lost']);
  });

  it('does not call a claim lost that was released while its beat was on the way', async () => {
    const { keeper, verbs, logger } = start();
    const claim = keeper.hold(identity('a'));
    verbs.onBeat = (items) => {
      claim.release();
      return items.map(() => false);
    };
    await eventually(() => keeper.count === 0);
    await eventually(() => verbs.beats.length > 0);
    expect(claim.signal.aborted).toBe(false);
    expect(logger.events()).toEqual([]);
  });

  it('does not call a claim lost whose result the store has already', async () => {
    const { keeper, verbs, logger } = start();
    verbs.onBeat = (items) => items.map(() => false);
    const claim = keeper.hold(identity('a'));
    claim.finish();
    await eventually(() => keeper.count === 0);
    expect(claim.signal.aborted).toBe(false);
    expect(logger.events()).toEqual([]);
  });

  it('tells a sign of life once, with the first beat that gets through', async () => {
    const { keeper, verbs } = start();
    let failures = 2;
    verbs.onBeat = (items) => {
      failures -= 1;
      if (failures >= 0) throw new Error('away');
      return items.map(() => true);
    };
    keeper.hold(identity('a')).heartbeat();
    await eventually(() => verbs.beats.length >= 4);
    const signs = verbs.beats.map((items) => items[0]?.isProgress);
    expect(signs.slice(0, 4)).toEqual([true, true, true, false]);
  });

  it('keeps a claim through a short silence of the store', async () => {
    const { keeper, verbs, logger } = start({ fenceAfterMs: 60_000 });
    verbs.onBeat = () => {
      throw new Error('away');
    };
    const claim = keeper.hold(identity('a'));
    await eventually(() => verbs.beats.length > 3);
    expect(claim.signal.aborted).toBe(false);
    expect(new Set(logger.events())).toEqual(new Set(['beat.failed']));
  });

  it('gives a claim up that no beat could confirm for too long', async () => {
    const { keeper, verbs } = start({ fenceAfterMs: 20 });
    verbs.onBeat = () => {
      throw new Error('away');
    };
    const claim = keeper.hold(identity('a'));
    await eventually(() => claim.signal.aborted);
    expect(interruptOf(claim.signal)).toBe('claim-lost');
  });

  it('interrupts what it holds and what it is given later, once all are interrupted', () => {
    const { keeper } = start();
    const before = keeper.hold(identity('a'));
    keeper.interruptAll();
    const after = keeper.hold(identity('b'));
    expect([before, after].map(({ signal }) => interruptOf(signal))).toEqual([
      'shutdown',
      'shutdown',
    ]);
    expect([before, after].every(({ signal }) => signal.aborted)).toBe(true);
  });
});
