import { withDeadline } from '@joinery/kit';
import Redlock, {
  ExecutionError,
  type RedlockLock,
  type RedlockNode,
  ResourceLockedError,
} from 'redlock';
import { evaluateLua, type RedisClient } from '../script.ts';
import { leaseEnd, type LockDriver } from './lock-driver.ts';
import { type LockTime, monotonicTime } from './lock-time.ts';

/** How Redlock is spread. */
export interface RedlockDriverOptions {
  /** Independent Redis nodes, an odd number of them. Nodes of one Cluster or Sentinel group count as one. */
  readonly nodes: readonly RedisClient[];
  /** After this time, ms, a node that has not answered has voted against. */
  readonly nodeTimeoutMs: number;
  /** Told what a node refused for another reason than a taken lock. */
  readonly onNodeError: (error: unknown) => void;
  readonly time?: LockTime;
}

/**
 * Redlock over one or several nodes, by the library `redlock`. It is asked for single tries only: its own retries
 * repeat the same value and so block themselves on nodes that have granted it before.
 */
export function createRedlockDriver(options: RedlockDriverOptions): LockDriver {
  const { time = monotonicTime } = options;
  const redlock = createLibrary(options, time);
  // The library wants its latest object of a lock back. An entry lives until the provider releases the grant.
  const locks = new Map<string, RedlockLock>();
  return {
    name: 'redlock',
    isExclusive: true,
    async tryAcquire(key, leaseMs) {
      const expiresAt = leaseEnd(time.now(), leaseMs);
      try {
        const lock = await redlock.acquire([key], leaseMs);
        locks.set(lock.value, lock);
        return { key, token: lock.value, expiresAt };
      } catch (error) {
        // No quorum; which node refused why has gone to onNodeError.
        if (error instanceof ExecutionError) return null;
        throw error;
      }
    },
    async extend(grant, leaseMs) {
      const lock = locks.get(grant.token);
      if (lock === undefined) return null;
      const expiresAt = leaseEnd(time.now(), leaseMs);
      try {
        const renewed = await redlock.extend(lock, leaseMs);
        // Not put back when it was released meanwhile.
        if (locks.has(grant.token)) locks.set(grant.token, renewed);
        return { ...grant, expiresAt };
      } catch (error) {
        if (await isLost(error)) return null;
        throw error;
      }
    },
    async release({ token }) {
      const lock = locks.get(token);
      if (lock === undefined) return false;
      locks.delete(token);
      try {
        await redlock.release(lock);
        return true;
      } catch (error) {
        if (await isLost(error)) return false;
        throw error;
      }
    },
  };
}

function createLibrary(options: RedlockDriverOptions, time: LockTime): Redlock {
  const { nodes, nodeTimeoutMs, onNodeError } = options;
  // With an even number the library never answers when one half votes for and the other against.
  if (nodes.length % 2 === 0) {
    throw new RangeError(`Redlock needs an odd number of nodes, not ${nodes.length}`);
  }
  const texts = new Map<string, string>();
  const bounded = nodes.map((node) => boundedNode(node, { texts, limitMs: nodeTimeoutMs, time }));
  const library = new Redlock(bounded, { retryCount: 0 });
  for (const { hash, value } of Object.values(library.scripts)) texts.set(hash, value);
  return library.on('error', (error) => {
    if (!(error instanceof ResourceLockedError)) onNodeError(error);
  });
}

interface NodeBounds {
  /** The library's scripts by their hash. */
  readonly texts: ReadonlyMap<string, string>;
  readonly limitMs: number;
  readonly time: LockTime;
}

/**
 * A node that hangs would keep the library waiting for its vote, and what the others granted would stay taken. One that
 * hangs and has also lost its scripts must still get the release that follows, so the text is sent from here: the
 * library does so only for answers that come in time.
 */
function boundedNode(node: RedisClient, { texts, limitMs, time }: NodeBounds): RedlockNode {
  const bound = async (reply: Promise<unknown>): Promise<unknown> =>
    withDeadline(() => reply, { what: 'a lock node', limitMs, timers: time });
  return {
    evalsha: (sha1, keyCount, args) =>
      bound(evaluateLua(node, { sha1, lua: texts.get(sha1) ?? '' }, keyCount, args)),
    eval: (lua, keyCount, args) => bound(node.eval(lua, keyCount, ...args)),
  };
}

/** Whether so many nodes do not hold the lock that no quorum can: not a matter of trying again. */
async function isLost(error: unknown): Promise<boolean> {
  if (!(error instanceof ExecutionError)) return false;
  const votes = await error.attempts.at(-1);
  if (votes === undefined) return false;
  const denials = [...votes.votesAgainst.values()].filter(
    (reason) => reason instanceof ResourceLockedError,
  );
  return denials.length > votes.membershipSize - votes.quorumSize;
}
