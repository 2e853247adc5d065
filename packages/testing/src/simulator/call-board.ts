/*
 * Ownership: every call that a simulated process has made and that has not been answered.
 * Interface: park a call; the simulation takes the ready ones, one at a time.
 * Invariants: nothing happens between two steps, so the order of steps is the whole interleaving; a call of a process
 * that has died is never answered.
 */

/** Who makes calls: one incarnation of a simulated process. */
export interface Party {
  readonly name: string;
  /** Until then none of its calls is taken. */
  pausedUntil: number;
}

/** A call that waits for its turn. */
export interface ParkedCall {
  readonly party: Party;
  readonly port: string;
  readonly method: string;
  readonly args: readonly unknown[];
  /** The effect: runs to its end before anything else happens. */
  readonly run: () => unknown;
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Not taken before this moment. */
  readonly readyAt: number;
  /** Not taken while this is false. */
  readonly isReady?: () => boolean;
  /** When time stands still because nothing is ready: on to which moment for this call. Default `readyAt`. */
  readonly jumpAt?: () => number;
}

/** What is known of a call when it is made. */
export type CallRequest = Pick<ParkedCall, 'party' | 'port' | 'method' | 'args' | 'run'> &
  Partial<Pick<ParkedCall, 'readyAt' | 'isReady' | 'jumpAt'>>;

/** All calls that wait. */
export class CallBoard {
  #calls: ParkedCall[] = [];

  get calls(): readonly ParkedCall[] {
    return this.#calls;
  }

  /** Settles when the simulation has taken the call; never, when its process dies before. */
  park<T>(request: CallRequest & { readonly run: () => T }): Promise<Awaited<T>>;
  park(request: CallRequest): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#calls.push({ readyAt: 0, ...request, resolve, reject });
    });
  }

  /** Puts a call back that was taken: its reply was lost and it is sent again. */
  putBack(call: ParkedCall): void {
    this.#calls.push(call);
  }

  /** Calls that may be taken now. */
  ready(now: number): readonly ParkedCall[] {
    return this.#calls.filter((call) => isReady(call, now));
  }

  take(call: ParkedCall): void {
    this.#calls.splice(this.#calls.indexOf(call), 1);
  }

  /** The next moment at which a call becomes ready by time alone; infinite when there is none. */
  nextMoment(now: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const call of this.#calls) {
      const isWaiting = call.jumpAt === undefined && call.isReady?.() === false;
      if (isWaiting) continue;
      const at = Math.max(call.jumpAt?.() ?? call.readyAt, call.party.pausedUntil);
      if (at > now) next = Math.min(next, at);
    }
    return next;
  }

  /** Forgets the calls of a process that has died. */
  drop(party: Party): void {
    this.#calls = this.#calls.filter((call) => call.party !== party);
  }
}

function isReady(call: ParkedCall, now: number): boolean {
  return (
    call.readyAt <= now &&
    call.party.pausedUntil <= now &&
    (call.isReady === undefined || call.isReady())
  );
}

/**
 * A port whose every call waits on the board. Whatever functions the port has, now or later, are covered; what is not a
 * function is passed through.
 */
export function parkedPort<T extends object>(
  port: T,
  options: {
    readonly name: string;
    readonly board: CallBoard;
    readonly party: Party;
    readonly ready?: Readonly<Record<string, () => boolean>>;
  },
): T {
  const { name, board, party, ready = {} } = options;
  const wrapped = new Map<PropertyKey, unknown>();
  return new Proxy(port, {
    get(target, key) {
      const known = wrapped.get(key);
      if (known !== undefined) return known;
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      const method = String(key);
      const mayRun = ready[method];
      const parked = (...args: unknown[]): Promise<unknown> =>
        board.park({
          party,
          port: name,
          method,
          args,
          run: (): unknown => Reflect.apply(value, target, args),
          ...(mayRun && { isReady: mayRun }),
        });
      wrapped.set(key, parked);
      return parked;
    },
  });
}
