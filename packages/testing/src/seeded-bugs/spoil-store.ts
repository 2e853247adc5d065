import { type EnginePorts } from '@joinery/engine';
import { type Finding, type RunStore } from '@joinery/store';
import { type BugView, type SeededBug } from './seeded-bug.ts';

/** Replaces some of a store's methods; the others stay as they are. */
export function spoiltStore(store: RunStore, spoilt: Partial<RunStore>): RunStore {
  return new Proxy(store, {
    get: (target, key): unknown => Reflect.get(spoilt, key) ?? Reflect.get(target, key),
  });
}

/** A bug that lies in the store, or in how it is called. */
export function storeBug(
  bug: Pick<SeededBug, 'name' | 'what' | 'drawn'> & { readonly showsWhenHealthy?: boolean },
  spoil: (store: RunStore, view: BugView) => Partial<RunStore>,
): SeededBug {
  return {
    showsWhenHealthy: false,
    ...bug,
    spoil: (ports: EnginePorts, view: BugView): EnginePorts => ({
      ...ports,
      store: spoiltStore(ports.store, spoil(ports.store, view)),
    }),
  };
}

/** A look whose findings say something else in some fields. */
export function spoiltLook(
  store: RunStore,
  spoil: (finding: Finding) => Partial<Finding>,
): Pick<RunStore, 'look'> {
  const spoilt = (finding: Finding): Finding => ({ ...finding, ...spoil(finding) });
  return {
    look: async (partition, runIds) => (await store.look(partition, runIds)).map(spoilt),
  };
}
