import {
  type Fleet,
  type FleetReturn,
  type FleetState,
  isEngineMember,
  type LiveMember,
} from '../fleet.ts';
import { frozenJson } from './frozen-json.ts';

/** A process that has not beaten for longer is dead: three beats of 5 s. */
const DEAD_AFTER_MS = 15_000;
/** One that has been dead for so long is forgotten at the next beat. */
const FORGOTTEN_AFTER_MS = 10 * DEAD_AFTER_MS;

/** The fleet's registry in memory: for several services in one process, and the specification of its scripts. */
export function createMemoryFleet({ now }: { readonly now: () => number }): Fleet {
  const members = new Map<string, LiveMember>();
  const engines = new Map<string, number>();
  let state: FleetState & { readonly beatAt?: number; readonly last?: Omit<FleetReturn, 'at'> } = {
    mode: 'ACTIVE',
    generation: 0,
    at: 0,
    by: '',
  };
  const isLive = (beatAt: number): boolean => now() - beatAt <= DEAD_AFTER_MS;
  const live = (): readonly LiveMember[] =>
    [...members.values()].filter(({ beatAt }) => isLive(beatAt));
  const engineCount = (): number => [...engines.values()].filter(isLive).length;

  const comeBack = (by: string): void => {
    const { mode, at, beatAt } = state;
    const how = mode !== 'ACTIVE' ? 'clean' : beatAt === undefined ? 'first' : 'unclean';
    const since = mode !== 'ACTIVE' ? at : (beatAt ?? now());
    const last = { how, gapMs: Math.max(0, now() - since) } as const;
    state = { ...state, mode: 'ACTIVE', at: now(), by, last };
  };

  return {
    async beat(member) {
      for (const [id, { beatAt }] of members) {
        if (now() - beatAt < FORGOTTEN_AFTER_MS) continue;
        members.delete(id);
        engines.delete(id);
      }
      members.set(member.id, { ...frozenJson(member), beatAt: now() });
      if (!isEngineMember(member)) return null;
      if (engineCount() === 0) comeBack(member.id);
      engines.set(member.id, now());
      state = { ...state, beatAt: now() };
      const { by, at, last } = state;
      return by === member.id && last !== undefined ? { ...last, at } : null;
    },
    async leave(id, modeAfter = 'QUIESCED') {
      members.delete(id);
      const wasEngine = engines.delete(id);
      if (wasEngine && engineCount() === 0) {
        const generation = state.generation + 1;
        state = { ...state, mode: modeAfter, at: now(), by: id, generation };
      }
      const isLast = state.mode !== 'ACTIVE' && state.by === id;
      return { live: live().length, isLast, generation: state.generation };
    },
    live: async () => live(),
    state: async () => {
      const { mode, generation, at, by } = state;
      return { mode, generation, at, by };
    },
  };
}
