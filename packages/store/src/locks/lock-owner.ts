import { AsyncLocalStorage } from 'node:async_hooks';

const scope = new AsyncLocalStorage<string>();

/** Runs `work` so that every acquisition in it, however deep, is made by `owner` unless it names another. */
export function withLockOwner<T>(owner: string, work: () => T): T {
  return scope.run(owner, work);
}

/** The owner of the scope that this code runs in. */
export function currentLockOwner(): string | undefined {
  return scope.getStore();
}
