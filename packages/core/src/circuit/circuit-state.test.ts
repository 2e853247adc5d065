import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  admitCall,
  circuitPhase,
  type CircuitState,
  giveBackProbe,
  newCircuit,
  noteCalls,
  renewProbes,
  resetCircuit,
} from './circuit-state.ts';

const settings = { failurePercent: 50, minCalls: 4, windowMs: 10_000, openMs: 5_000, probes: 2 };
const LEASE_MS = 3_000;
const fresh = (): CircuitState => newCircuit('bank', settings, 0);

const ended = (state: CircuitState, at: number, ...results: readonly boolean[]): CircuitState =>
  noteCalls(
    state,
    results.map((hasSucceeded, index) => ({ token: `call-${index}`, hasSucceeded })),
    at,
  );

const opened = (at = 100): CircuitState => ended(fresh(), at, false, false, false, false);

/** Asks for each token in turn; answers what they were told. */
function ask(
  state: CircuitState,
  at: number,
  tokens: readonly string[],
): { state: CircuitState; told: readonly string[] } {
  const told: string[] = [];
  let current = state;
  for (const token of tokens) {
    const asked = admitCall(current, { token, at, leaseMs: LEASE_MS });
    current = asked.state;
    told.push(asked.admission.type);
  }
  return { state: current, told };
}

describe('a circuit breaker', () => {
  it('B1 opens when enough calls have ended and enough of them have failed, and not before', () => {
    expect(circuitPhase(ended(fresh(), 0, false, false, false), 0)).toBe('closed');
    expect(circuitPhase(ended(fresh(), 0, true, true, true, false), 0)).toBe('closed');
    const tripped = ended(fresh(), 100, true, true, false, false);
    expect(circuitPhase(tripped, 100)).toBe('open');
    expect(tripped).toMatchObject({ openUntil: 5_100, since: 100, trips: 1, counts: [] });
  });

  it('B1 forgets calls with their window', () => {
    const three = ended(fresh(), 500, false, false, false);
    expect(circuitPhase(ended(three, 9_500, false), 9_500)).toBe('open');
    expect(circuitPhase(ended(three, 11_500, false), 11_500)).toBe('closed');
  });

  it('B1 keeps eleven counts at most, and judges as if it kept every call', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 3_000 }), fc.boolean()), { maxLength: 60 }),
        (steps) => {
          let [state, at] = [fresh(), 0];
          const calls: { at: number; isOk: boolean }[] = [];
          for (const [waitMs, isOk] of steps) {
            at += waitMs;
            state = ended(state, at, isOk);
            calls.push({ at, isOk });
            // A part of the window goes as a whole: what is certainly inside it counts, what is certainly outside does not.
            const inside = calls.filter((call) => call.at > at - settings.windowMs);
            const failed = inside.filter((call) => !call.isOk).length;
            const isBad = inside.length >= settings.minCalls && failed === inside.length;
            expect(isBad && circuitPhase(state, at) === 'closed').toBe(false);
            expect(state.counts.length).toBeLessThanOrEqual(11);
            if (state.openUntil > 0) return;
          }
        },
      ),
    );
  });

  it('B2 lets nobody through while it is open, and tells for how long', () => {
    const asked = admitCall(opened(), { token: 'a', at: 1_100, leaseMs: LEASE_MS });
    expect(asked.admission).toEqual({ type: 'wait', waitMs: 4_000 });
    expect(ended(opened(), 1_100, true, false)).toEqual(opened());
  });

  it('B3 lets so many through as there are probes, the same one twice, and closes when all succeed', () => {
    const half = ask(opened(), 5_100, ['a', 'b', 'c', 'a']);
    expect(half.told).toEqual(['probe', 'probe', 'wait', 'probe']);
    const once = noteCalls(half.state, [{ token: 'a', hasSucceeded: true }], 5_200);
    expect(circuitPhase(once, 5_200)).toBe('half-open');
    expect(ask(once, 5_200, ['c']).told).toEqual(['wait']);
    // The result of a call that is no probe says nothing about now.
    for (const hasSucceeded of [true, false]) {
      expect(noteCalls(once, [{ token: 'old', hasSucceeded }], 5_200)).toEqual(once);
    }
    expect(noteCalls(once, [{ token: 'a', hasSucceeded: true }], 5_200)).toEqual(once);
    const closed = noteCalls(once, [{ token: 'b', hasSucceeded: true }], 5_300);
    expect(closed).toMatchObject({ openUntil: 0, since: 5_300, trips: 1, probes: [], counts: [] });
    expect(ask(closed, 5_300, ['c', 'd', 'e']).told).toEqual(['pass', 'pass', 'pass']);
  });

  it('B3 opens again with the first probe that fails', () => {
    const { state } = ask(opened(), 5_100, ['a', 'b']);
    const failed = noteCalls(state, [{ token: 'b', hasSucceeded: false }], 6_000);
    expect(failed).toMatchObject({ openUntil: 11_000, trips: 2, probes: [] });
    expect(noteCalls(failed, [{ token: 'a', hasSucceeded: true }], 6_100)).toEqual(failed);
  });

  it('B3 gives the place of a probe that did not call to another', () => {
    const { state } = ask(opened(), 5_100, ['a', 'b']);
    expect(ask(giveBackProbe(state, 'a'), 5_200, ['c', 'd']).told).toEqual(['probe', 'wait']);
    const one = noteCalls(state, [{ token: 'a', hasSucceeded: true }], 5_200);
    expect(giveBackProbe(one, 'a')).toEqual(one);
  });

  it('B4 opens again when nothing is heard of a probe for its lease, and not while it is renewed', () => {
    const { state } = ask(opened(), 5_100, ['a', 'b']);
    const renewed = renewProbes(state, ['a', 'b'], { at: 8_000, leaseMs: LEASE_MS });
    expect(ask(renewed, 8_200, ['c'])).toEqual({ state: renewed, told: ['wait'] });
    const lost = ask(state, 8_100, ['c']);
    expect(lost.told).toEqual(['wait']);
    expect(lost.state).toMatchObject({ openUntil: 13_100, trips: 2 });
    const succeeded = noteCalls(
      giveBackProbe(state, 'b'),
      [{ token: 'a', hasSucceeded: true }],
      5_200,
    );
    expect(ask(succeeded, 60_000, ['c']).told).toEqual(['probe']);
  });

  it('B5 is closed by a reset, whatever it is', () => {
    for (const state of [opened(), ask(opened(), 5_100, ['a']).state, ended(fresh(), 0, false)]) {
      const reset = resetCircuit(state, 5_200);
      expect(circuitPhase(reset, 5_200)).toBe('closed');
      expect(reset).toMatchObject({ counts: [], probes: [], since: 5_200 });
    }
  });
});
