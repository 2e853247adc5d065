/*
 * Ownership: per key, which acquisition of this process may ask the driver, and who waits behind it.
 * Interface: take a turn, share it with waiters of the same owner, pass it on.
 * Invariants: a key has at most one turn; a turn is passed exactly once; a waiter is settled exactly once, in order of
 * arrival. So of 500 acquisitions that contend in a process one asks Redis, and the others cost a list entry.
 */
import { openWait, type WaitBounds } from './lock-time.ts';

/** `shared`: the owner has meanwhile been granted the lock; enter that. */
export type Turn = 'mine' | 'shared' | 'none';

interface Waiter {
  readonly owner: string;
  settle(turn: Turn): boolean;
}

export class KeyTurns {
  /** A key is here while its turn is taken. */
  readonly #lines = new Map<string, Set<Waiter>>();

  async take(key: string, owner: string, bounds: WaitBounds): Promise<Turn> {
    const line = this.#lines.get(key);
    if (line === undefined) {
      this.#lines.set(key, new Set());
      return 'mine';
    }
    if (bounds.ms <= 0 || bounds.signal.aborted) return 'none';
    const { promise, settle } = openWait<Turn>(bounds, 'none');
    const waiter = { owner, settle };
    line.add(waiter);
    const turn = await promise;
    line.delete(waiter);
    return turn;
  }

  /** The holder of the turn has the lock: its owner's other acquisitions need not wait. */
  share(key: string, owner: string): void {
    for (const waiter of this.#lines.get(key) ?? []) {
      if (waiter.owner === owner) waiter.settle('shared');
    }
  }

  /** A waiter that gave up in this very tick is still in line: it answers false and the next one is asked. */
  pass(key: string): void {
    for (const waiter of this.#lines.get(key) ?? []) {
      if (waiter.settle('mine')) return;
    }
    this.#lines.delete(key);
  }
}
