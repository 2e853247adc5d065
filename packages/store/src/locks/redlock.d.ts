// redlock 5.0.0-beta.2 has typings, but its `exports` name none, so that NodeNext finds none; and they are written for
// ioredis 4. This declares what redlock-lock.ts uses of it and asks of a client only what the library calls.
declare module 'redlock' {
  export interface RedlockNode {
    evalsha(hash: string, keyCount: number, args: readonly (string | number)[]): Promise<unknown>;
    eval(script: string, keyCount: number, args: readonly (string | number)[]): Promise<unknown>;
  }
  export interface RedlockSettings {
    readonly retryCount: number;
    /** ms; between retries, give or take the jitter. */
    readonly retryDelay?: number;
    readonly retryJitter?: number;
  }
  export interface RedlockVotes {
    readonly membershipSize: number;
    readonly quorumSize: number;
    readonly votesAgainst: ReadonlyMap<RedlockNode, Error>;
  }
  export interface RedlockLock {
    readonly value: string;
  }
  export class ExecutionError extends Error {
    readonly attempts: readonly Promise<RedlockVotes>[];
  }
  export class ResourceLockedError extends Error {}
  export default class Redlock {
    readonly scripts: Readonly<
      Record<
        'acquireScript' | 'extendScript' | 'releaseScript',
        { readonly value: string; readonly hash: string }
      >
    >;
    constructor(nodes: Iterable<RedlockNode>, settings: RedlockSettings);
    on(event: 'error', listener: (error: unknown) => void): this;
    acquire(keys: string[], leaseMs: number): Promise<RedlockLock>;
    extend(lock: RedlockLock, leaseMs: number): Promise<RedlockLock>;
    release(lock: RedlockLock): Promise<unknown>;
  }
}
