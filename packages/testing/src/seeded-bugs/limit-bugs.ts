import { type EnginePorts } from '@joinery/engine';
import { type Gates } from '@joinery/store';
import { type SeededBug } from './seeded-bug.ts';

/** Mistakes in limits of tasks. */
export const limitBugs: readonly SeededBug[] = [
  gateBug(
    {
      name: 'limit-ignored',
      what: 'who asks for a place at a gate has one',
      showsWhenHealthy: true,
    },
    () => ({ enter: () => Promise.resolve({ type: 'entered', isOurs: true, jobs: [] }) }),
  ),
  gateBug(
    {
      name: 'place-given-up-too-soon',
      what: 'beats renew claims, and not their places',
      showsWhenHealthy: false,
    },
    () => ({ beat: (_gate, places) => Promise.resolve(places.map(() => true)) }),
  ),
  gateBug(
    {
      name: 'waiting-never-called',
      what: 'nobody calls those who stand in line at a gate',
      showsWhenHealthy: true,
    },
    (gates) => ({
      enter: async (args) => ({ ...(await gates.enter(args)), jobs: [] }),
      leave: (member) => gates.leave(member).then(() => []),
      advance: (gate) => gates.advance(gate).then(() => []),
    }),
  ),
];

function gateBug(
  bug: Pick<SeededBug, 'name' | 'what' | 'showsWhenHealthy'>,
  spoil: (gates: Gates) => Partial<Gates>,
): SeededBug {
  return {
    ...bug,
    drawn: { family: 'limited' },
    spoil: (ports: EnginePorts): EnginePorts => {
      const { gates } = ports;
      if (gates === undefined) return ports;
      const spoilt = spoil(gates);
      const bad = new Proxy(gates, {
        get: (target, key): unknown => Reflect.get(spoilt, key) ?? Reflect.get(target, key),
      });
      return { ...ports, gates: bad };
    },
  };
}
