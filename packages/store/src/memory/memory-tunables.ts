import type { TunableStore } from '../tunables.ts';

/** Tunables in memory. */
export function createMemoryTunables(): TunableStore {
  const values = new Map<string, string>();
  return {
    get: async (name) => values.get(name) ?? null,
    all: async () => Object.fromEntries(values),
    set: async (name, value) => void values.set(name, value),
  };
}
