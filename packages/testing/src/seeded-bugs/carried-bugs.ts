import { type CarriedDecision, type CompleteArgs, type RunStore } from '@joinery/store';
import { type BugView, type SeededBug } from './seeded-bug.ts';
import { storeBug } from './spoil-store.ts';
import { unguarded } from './unguarded.ts';

/** Mistakes in decisions that go with a result, and in going on with the next task. */
export const carriedBugs: readonly SeededBug[] = [
  storeBug(
    {
      name: 'carried-while-paused',
      what: 'a decision that comes with a result is applied to a run that is paused',
    },
    (store, view) => ({
      complete: async ({ carried, ...args }) => {
        const isPaused = view.peek(args.runId)?.record.status === 'PAUSED';
        if (carried === undefined || !isPaused) {
          return store.complete(carried === undefined ? args : { ...args, carried });
        }
        const reply = await store.complete(args);
        await applyAlone(store, view, { ...args, carried });
        return reply;
      },
    }),
  ),
  storeBug(
    {
      name: 'carried-twice',
      what: 'a result that is sent again applies its decision again',
      drawn: { family: 'plain', faults: 15 },
    },
    (store, view) => {
      const applied = new Set<string>();
      return {
        complete: async (args) => {
          const reply = await store.complete(args);
          const id = `${args.runId} ${args.key} ${args.attempt}`;
          if (args.carried !== undefined && applied.has(id)) {
            await applyAlone(store, view, { ...args, carried: args.carried });
          }
          if (reply.type === 'decided') applied.add(id);
          return reply;
        },
      };
    },
  ),
];

async function applyAlone(
  store: RunStore,
  view: BugView,
  { runId, carried, actor }: CompleteArgs & { readonly carried: CarriedDecision },
): Promise<void> {
  const { hasMore, commands } = carried;
  const flags = { dirty: 0, wasFull: false, lock: null, requestId: '', hasMore, commands, actor };
  const args = { ...flags, runId, decision: 0, nonce: '', fence: 0 };
  await store.commit(unguarded(view, { ...args, nextNonce: `again-${carried.nextNonce}` }));
}
