/*
 * Gates limit how many tasks of a type run at a time, and how many begin in a window. A gate belongs to a task type; its
 * places are leases, so that a holder that died frees its place without anybody's help. Who finds none waits in line.
 */

/** What a gate limits. 0 = no limit of that kind. */
export interface GateLimits {
  /** Places. */
  readonly max: number;
  /** Starts in any window of `perMs`. */
  readonly rate: number;
  readonly perMs: number;
}

/** One attempt of one task, as a gate knows it. */
export interface GateMember {
  /** The task type. */
  readonly gate: string;
  /** Unique over all runs; the same for every delivery of an attempt. */
  readonly member: string;
  /** Of the claim that the place belongs to; empty: it waits, or has not come for its place yet. */
  readonly token: string;
}

/** A wish for a place. */
export interface EnterArgs extends GateMember {
  readonly limits: GateLimits;
  /** Of members with equal keys at most `keyMax` have a place. Empty: none. */
  readonly key: string;
  readonly keyMax: number;
  readonly leaseMs: number;
  /** With what it is called when its turn has come. */
  readonly job: string;
  /** An earlier delivery of the attempt is known to be over: its place is ours. */
  readonly isForced?: boolean;
}

/** What became of a wish. `jobs`: whose turn it is now; they have a place for 10 s, in which they must come for it. */
export type EnterReply =
  | { readonly type: 'entered'; readonly isOurs: boolean; readonly jobs: readonly string[] }
  | { readonly type: 'waiting'; readonly jobs: readonly string[] };

/** The limits of task types. Every call may be sent twice. */
export interface Gates {
  /** Gives a place, or a place in the line: first come, first served, by key and then over all. */
  enter(args: EnterArgs): Promise<EnterReply>;
  /**
   * Gives a place back, or leaves the line; answers whose turn it is now. Another delivery's place is kept. While a later
   * delivery of the attempt is there, the place is left to that one.
   */
  leave(member: GateMember): Promise<readonly string[]>;
  /** Renews places of one gate. False: the lease had ended. */
  beat(
    gate: string,
    places: readonly {
      readonly member: string;
      readonly token: string;
      readonly leaseMs: number;
    }[],
  ): Promise<readonly boolean[]>;
  /** Takes back what has ended; answers whose turn it is now. */
  advance(gate: string): Promise<readonly string[]>;
  /** Whether each of these has a place or stands in line. */
  knows(gate: string, members: readonly string[]): Promise<readonly boolean[]>;
  /** Gates at which anybody is, and when each must be advanced, soonest first; at most 100 of each slot. */
  due(): Promise<readonly { readonly gate: string; readonly at: number }[]>;
}
