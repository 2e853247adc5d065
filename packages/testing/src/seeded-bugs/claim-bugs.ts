import { type SeededBug } from './seeded-bug.ts';
import { spoiltLook, storeBug } from './spoil-store.ts';

/** Mistakes in claims, leases and results. */
export const claimBugs: readonly SeededBug[] = [
  storeBug(
    {
      name: 'zombie-result-accepted',
      what: 'the result of a claim that was lost is stored for the claim that has followed it',
      drawn: { family: 'small', faults: 25 },
    },
    (store, view) => ({
      complete: (args) => {
        const token = view.peek(args.runId)?.tasks[args.key]?.token;
        return store.complete({
          ...args,
          token: token === undefined || token === '' ? args.token : token,
        });
      },
    }),
  ),
  storeBug(
    {
      name: 'lease-not-renewed',
      what: 'beats are answered and renew nothing',
    },
    (store) => ({ beat: (items) => store.beat([]).then(() => items.map(() => true)) }),
  ),
  storeBug(
    {
      name: 'ended-claim-ignored',
      what: 'a claim whose lease has ended is not delivered again',
    },
    (store) => spoiltLook(store, () => ({ endedClaims: [] })),
  ),
  storeBug(
    {
      name: 'live-claim-taken-away',
      what: 'a claim is delivered again although its holder is alive',
      showsWhenHealthy: true,
    },
    (store, view) => ({
      ...spoiltLook(store, (found) => ({
        endedClaims: Object.values(view.peek(found.runId)?.tasks ?? {})
          .filter((row) => row.status === 'IN_PROGRESS' && row.dispatch > 0)
          .map(({ key, attempt, dispatch }) => ({ key, attempt, dispatch })),
      })),
      redeliver: (args) =>
        store.redeliver({
          ...args,
          token: args.token || (view.peek(args.runId)?.tasks[args.key]?.token ?? ''),
        }),
    }),
  ),
  storeBug(
    {
      name: 'result-lost-on-resend',
      what: 'a result that is sent a second time ends the attempt as failed',
    },
    (store) => {
      const seen = new Set<string>();
      return {
        complete: (args) => {
          const id = `${args.runId} ${args.key} ${args.attempt}`;
          const isAgain = seen.has(id);
          seen.add(id);
          return store.complete(isAgain ? { ...args, status: 'FAILED_WITH_TERMINAL_ERROR' } : args);
        },
      };
    },
  ),
];
