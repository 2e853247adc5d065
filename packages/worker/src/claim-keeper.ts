/**
 * Ownership: the keeper owns the leases of all live claims of a worker, and the loop that renews them.
 * Interface: hold a claim, release it when its attempt is dealt with; interrupt all at shutdown.
 * Invariants:
 *  K1 one request per beat renews every live claim, however many there are.
 *  K2 a claim is interrupted once, with the first cause; a released claim never is.
 *  K3 a beat that fails loses no sign of life: it goes with the next one.
 *  K4 a claim that nobody could confirm for `fenceAfterMs` counts as lost, so that a worker cut off from Redis does not
 *     run handlers for ever beside those that have taken over.
 */
import { createLoop, type Logger, type Loop } from '@joinery/kit';
import type { ClaimBeat } from '@joinery/engine';
import { InterruptedError, type InterruptCause } from './task-context.ts';
import type { WorkerVerbs } from './worker-ports.ts';
import type { WorkerTimings } from './worker-timings.ts';

/** Which delivery of which attempt is held. */
export type ClaimIdentity = Omit<ClaimBeat, 'leaseMs' | 'isProgress'>;

/** A live claim. */
export interface Claim extends ClaimIdentity {
  /** Fires when the claim is lost or the worker shuts down; the reason is an InterruptedError. */
  readonly signal: AbortSignal;
  /** The handler lives: told to the store with the next beat. */
  heartbeat(): void;
  /** The handler has ended. Beats go on while its result is on the way; that the store has it already is no loss. */
  finish(): void;
  /** Ends the beats. */
  release(): void;
}

/** Keeps claims alive. */
export interface ClaimKeeper {
  start(): void;
  hold(identity: ClaimIdentity): Claim;
  /** Interrupts every handler, also of claims that are still to come. */
  interruptAll(): void;
  readonly count: number;
  /** Answers whether the last beat ended within the bound. */
  stop(withinMs: number): Promise<boolean>;
}

/** What a keeper needs. */
export interface ClaimKeeperOptions {
  readonly verbs: Pick<WorkerVerbs, 'beat'>;
  readonly logger: Logger;
  readonly timings: WorkerTimings;
  /** Time that never goes back, in ms. */
  readonly elapsedMs: () => number;
}

/** Creates a keeper; beats begin with `start`. */
export function createClaimKeeper(options: ClaimKeeperOptions): ClaimKeeper {
  return new BeatingKeeper(options);
}

class HeldClaim implements Claim {
  readonly runId: Claim['runId'];
  readonly key: Claim['key'];
  readonly attempt: number;
  readonly token: string;
  /** When the store last said that the claim is ours. */
  confirmedAtMs: number;
  hasProgress = false;
  isFinished = false;
  readonly identity: ClaimIdentity;
  readonly #abort = new AbortController();
  readonly #onRelease: (claim: HeldClaim) => void;

  constructor(identity: ClaimIdentity, atMs: number, onRelease: (claim: HeldClaim) => void) {
    this.identity = identity;
    this.runId = identity.runId;
    this.key = identity.key;
    this.attempt = identity.attempt;
    this.token = identity.token;
    this.confirmedAtMs = atMs;
    this.#onRelease = onRelease;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  heartbeat(): void {
    this.hasProgress = true;
  }

  interrupt(cause: InterruptCause): void {
    this.#abort.abort(new InterruptedError(cause));
  }

  finish(): void {
    this.isFinished = true;
  }

  release(): void {
    this.#onRelease(this);
  }
}

class BeatingKeeper implements ClaimKeeper {
  readonly #options: ClaimKeeperOptions;
  readonly #claims = new Set<HeldClaim>();
  readonly #loop: Loop;
  #isShuttingDown = false;

  constructor(options: ClaimKeeperOptions) {
    this.#options = options;
    this.#loop = createLoop({
      name: 'claim-keeper',
      intervalMs: () => options.timings.beatEveryMs,
      pass: () => this.#beat(),
      logger: options.logger,
    });
  }

  get count(): number {
    return this.#claims.size;
  }

  start(): void {
    this.#loop.start();
  }

  hold(identity: ClaimIdentity): Claim {
    const claim = new HeldClaim(identity, this.#options.elapsedMs(), (released) => {
      this.#claims.delete(released);
    });
    this.#claims.add(claim);
    if (this.#isShuttingDown) claim.interrupt('shutdown');
    return claim;
  }

  interruptAll(): void {
    this.#isShuttingDown = true;
    for (const claim of this.#claims) claim.interrupt('shutdown');
  }

  stop(withinMs: number): Promise<boolean> {
    return this.#loop.stop(withinMs);
  }

  async #beat(): Promise<void> {
    const claims = [...this.#claims];
    if (claims.length === 0) return;
    const { verbs, elapsedMs, timings, logger } = this.#options;
    const sentAtMs = elapsedMs();
    const items = claims.map((claim) => itemOf(claim, timings.claimLeaseMs));
    try {
      const answers = await verbs.beat(items);
      claims.forEach((claim, index) => {
        if (answers[index] === true) claim.confirmedAtMs = sentAtMs;
        else this.#lose(claim, 'refused');
      });
    } catch (err) {
      const fields = { event: 'beat.failed', count: claims.length, err };
      logger.warn(fields, 'claims could not be renewed; the next beat tries again');
      claims.forEach((claim, index) => {
        claim.hasProgress ||= items[index]?.isProgress ?? false;
        if (elapsedMs() - claim.confirmedAtMs > timings.fenceAfterMs) this.#lose(claim, 'silence');
      });
    }
  }

  /** A claim that was finished or released meanwhile is not lost: its result is what made the store refuse the beat. */
  #lose(claim: HeldClaim, why: 'refused' | 'silence'): void {
    if (!this.#claims.delete(claim) || claim.isFinished) return;
    const { runId, key, attempt } = claim;
    const fields = { event: 'claim.lost', runId, taskKey: key, attempt, why };
    this.#options.logger.warn(fields, 'a claim was lost; its handler is told to stop');
    claim.interrupt('claim-lost');
  }
}

function itemOf(claim: HeldClaim, leaseMs: number): ClaimBeat {
  const { hasProgress, identity } = claim;
  claim.hasProgress = false;
  return { ...identity, leaseMs, isProgress: hasProgress };
}
