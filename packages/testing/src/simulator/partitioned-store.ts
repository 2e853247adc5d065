/*
 * The store in memory with one store per partition, each with a log of the steps that changed it. A power cut of one
 * partition is its log played again without the end: what a server finds in its file after it has lost the last second.
 * Invariant: a step's effect depends on the log before it alone, so playing a log again leads to the same state.
 */
import { partitionOf, type RunId } from '@joinery/core';
import { createMemoryStore, type MemoryStore, type RunStore } from '@joinery/store';

interface LoggedStep {
  readonly at: number;
  readonly play: (store: MemoryStore) => Promise<unknown>;
}

interface Partition {
  store: MemoryStore;
  log: LoggedStep[];
}

/** Runs in memory whose partitions can lose what was written last. */
export interface PartitionedStore {
  readonly store: RunStore;
  /** Everything that is kept of a run; to be read at once, and never to be changed. */
  peek(runId: RunId): ReturnType<MemoryStore['peek']>;
  /** The same as plain data, to be kept. */
  snapshot(runId: RunId): ReturnType<MemoryStore['snapshot']>;
  /** Forgets the last `count` steps that changed this partition; answers how many there were to forget. */
  cut(partition: number, count: number): Promise<number>;
}

/** Steps that change nothing, and need not be played again. */
const VIEWS: ReadonlySet<string> = new Set([
  'read',
  'readWhole',
  'find',
  'payload',
  'rows',
  'history',
  'list',
  'attention',
  'lockHolder',
  'unsent',
  'close',
]);

/** True for a method that changes no run. */
export function isView(method: string): boolean {
  return VIEWS.has(method);
}

/** Creates the partitions, all empty. */
export function createPartitionedStore(options: {
  readonly partitions: number;
  readonly now: () => number;
  readonly isLogged: boolean;
}): PartitionedStore {
  const { partitions, now, isLogged } = options;
  let replayedAt: number | null = null;
  const fresh = (): MemoryStore =>
    createMemoryStore({ partitions, now: () => replayedAt ?? now() });
  const parts = Array.from({ length: partitions }, (): Partition => ({ store: fresh(), log: [] }));
  const partAt = (index: number): Partition => {
    const part = parts[index];
    if (part === undefined) throw new Error(`there is no partition ${index}`);
    return part;
  };
  const run = async (index: number, method: string, args: readonly unknown[]): Promise<unknown> => {
    const part = partAt(index);
    const play = (store: MemoryStore): Promise<unknown> => callOf(store, method, args);
    if (isLogged && !isView(method)) part.log.push({ at: now(), play });
    return play(part.store);
  };
  return {
    store: routedStore(partitions, run),
    peek: (runId) => partAt(partitionOf(runId)).store.peek(runId),
    snapshot: (runId) => partAt(partitionOf(runId)).store.snapshot(runId),
    async cut(index, count) {
      const part = partAt(index);
      const kept = part.log.slice(0, Math.max(0, part.log.length - count));
      const lost = part.log.length - kept.length;
      part.store = fresh();
      part.log = kept;
      for (const { at, play } of kept) {
        replayedAt = at;
        await play(part.store).catch(() => undefined);
      }
      replayedAt = null;
      return lost;
    },
  };
}

type RunMethod = (index: number, method: string, args: readonly unknown[]) => Promise<unknown>;

/** Sends each call to the partition that its arguments name; a call about several is one call to each. */
function routedStore(partitions: number, run: RunMethod): RunStore {
  const every = Array.from({ length: partitions }, (_, index) => index);
  const target = { partitions };
  return asStore(
    new Proxy(target, {
      get(_target, key) {
        if (key === 'partitions') return partitions;
        const method = String(key);
        return async (...args: unknown[]): Promise<unknown> => {
          const [first] = args;
          if (Array.isArray(first)) return eachItem(run, method, first);
          if (first === undefined || method === 'list') {
            return (await Promise.all(every.map((index) => run(index, method, args)))).flat();
          }
          return run(partitionNamedBy(first), method, args);
        };
      },
    }),
  );
}

async function eachItem(
  run: RunMethod,
  method: string,
  items: readonly unknown[],
): Promise<readonly unknown[]> {
  const replies: unknown[] = [];
  for (const item of items) {
    const reply = await run(partitionNamedBy(item), method, [[item]]);
    if (Array.isArray(reply)) replies.push(...asList(reply));
  }
  return replies;
}

function partitionNamedBy(argument: unknown): number {
  if (typeof argument === 'number') return argument;
  const [runId] = runIdsIn(argument);
  if (runId === undefined) throw new Error(`no run in ${JSON.stringify(argument)}`);
  return partitionOf(runId);
}

/** The runs that an argument of a store's method is about. */
export function runIdsIn(argument: unknown): readonly RunId[] {
  if (typeof argument === 'string') return [asRunId(argument)];
  if (Array.isArray(argument)) return asList(argument).flatMap(runIdsIn);
  if (typeof argument !== 'object' || argument === null) return [];
  if ('runId' in argument && typeof argument.runId === 'string') return [asRunId(argument.runId)];
  if ('run' in argument && typeof argument.run === 'object' && argument.run !== null) {
    const { run } = argument;
    if ('id' in run && typeof run.id === 'string') return [asRunId(run.id)];
  }
  return [];
}

function callOf(store: MemoryStore, method: string, args: readonly unknown[]): Promise<unknown> {
  const value: unknown = Reflect.get(store, method);
  if (typeof value !== 'function') throw new Error(`the store has no ${method}`);
  const reply: unknown = Reflect.apply(value, store, args);
  return Promise.resolve(reply);
}

function asList(list: readonly unknown[]): readonly unknown[] {
  return list;
}

function asRunId(text: string): RunId;
function asRunId(text: string): string {
  return text;
}

function asStore(routed: object): RunStore;
function asStore(routed: object): object {
  return routed;
}
