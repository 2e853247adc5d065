import type { Fleet, LiveMember } from '../fleet.ts';
import { frozenJson } from './frozen-json.ts';

/** A process that has not beaten for longer is dead: three beats of 5 s. */
const DEAD_AFTER_MS = 15_000;

/** The fleet's registry in memory: for several services in one process. */
export function createMemoryFleet({ now }: { readonly now: () => number }): Fleet {
  const members = new Map<string, LiveMember>();
  const live = (): readonly LiveMember[] =>
    [...members.values()].filter(({ beatAt }) => now() - beatAt <= DEAD_AFTER_MS);
  return {
    beat: async (member) => void members.set(member.id, { ...frozenJson(member), beatAt: now() }),
    leave: async (id) => {
      members.delete(id);
      return { live: live().length };
    },
    live: async () => live(),
  };
}
