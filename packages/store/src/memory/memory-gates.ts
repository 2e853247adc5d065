import { type EnterArgs, type GateLimits, type Gates } from '../gates.ts';

/*
 * The gates in memory: the readable specification of `lua/lib/gate.lua`.
 */

/** For whom a place is kept has so long to come for it. */
const RESERVED_MS = 10_000;
const PURGE_PAGE = 100;
const WAKE_PAGE = 32;

interface Entry {
  readonly key: string;
  readonly keyMax: number;
  readonly at: number;
  readonly job: string;
  token: string;
  /** Of a later delivery that has asked meanwhile; null: none. */
  next: string | null;
}

/** Gates in memory, by this clock. */
export function createMemoryGates({ now }: { readonly now: () => number }): Gates {
  const gates = new Map<string, Gate>();
  const gateOf = (name: string): Gate => {
    const gate = gates.get(name) ?? new Gate(now);
    gates.set(name, gate);
    return gate;
  };
  return {
    enter: async (args) => gateOf(args.gate).enter(args),
    leave: async ({ gate, member, token }) => gateOf(gate).leave(member, token),
    beat: async (gate, places) => places.map((place) => gateOf(gate).beat(place)),
    advance: async (gate) => gateOf(gate).advance(),
    knows: async (gate, members) => members.map((member) => gateOf(gate).entries.has(member)),
    due: async () =>
      [...gates]
        .flatMap(([gate, { dueAt }]) => (dueAt === null ? [] : [{ gate, at: dueAt }]))
        .toSorted((a, b) => a.at - b.at),
  };
}

class Gate {
  readonly entries = new Map<string, Entry>();
  dueAt: number | null = null;
  readonly #now: () => number;
  #limits: GateLimits = { max: 0, rate: 0, perMs: 0 };
  /** Member to the end of its lease, and to its arrival. */
  readonly #held = new Map<string, number>();
  readonly #line = new Map<string, number>();
  /** Who waits for a place of its key. */
  readonly #keyed = new Set<string>();
  readonly #taken = new Map<string, number>();
  #starts: number[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  enter(args: EnterArgs): Awaited<ReturnType<Gates['enter']>> {
    const { member, token, leaseMs } = args;
    this.#limits = args.limits;
    this.#purge();
    const entry = this.entries.get(member) ?? this.#arrive(args);
    const jobs = this.#promote(member);
    const isHeld = this.#held.has(member);
    const isOurs =
      isHeld && (entry.token === '' || entry.token === token || args.isForced === true);
    if (isOurs) {
      entry.token = token;
      entry.next = null;
      this.#held.set(member, this.#now() + leaseMs);
    } else if (isHeld) entry.next = token;
    this.#setDue();
    return isHeld ? { type: 'entered', isOurs, jobs } : { type: 'waiting', jobs };
  }

  leave(member: string, token: string): readonly string[] {
    const entry = this.entries.get(member);
    if (entry?.token === token && entry.next !== null) {
      // A later delivery of the attempt has come already, and may have its claim: nobody else gets the place.
      entry.token = entry.next;
      entry.next = null;
      this.#held.set(member, this.#now() + RESERVED_MS);
    } else if (entry?.token === token) {
      const hasWaited = this.#keyed.delete(member);
      this.#held.delete(member);
      this.#line.delete(member);
      this.entries.delete(member);
      if (!hasWaited) this.#freeKey(entry);
    } else if (entry?.next === token) entry.next = null;
    return this.advance();
  }

  beat({ member, token, leaseMs }: { member: string; token: string; leaseMs: number }): boolean {
    const isRenewed = this.#held.has(member) && this.entries.get(member)?.token === token;
    if (isRenewed) this.#held.set(member, this.#now() + leaseMs);
    this.#setDue();
    return isRenewed;
  }

  advance(): readonly string[] {
    this.#purge();
    const jobs = this.#promote('');
    this.#setDue();
    return jobs;
  }

  #arrive({ member, key, keyMax, job }: EnterArgs): Entry {
    const entry: Entry = { key, keyMax, at: this.#now(), token: '', next: null, job };
    this.entries.set(member, entry);
    const taken = this.#taken.get(key) ?? 0;
    if (key !== '' && taken >= keyMax) this.#keyed.add(member);
    else {
      if (key !== '') this.#taken.set(key, taken + 1);
      this.#line.set(member, entry.at);
    }
    return entry;
  }

  /** One of the key is gone: the next one that waits for the key gets into the line. */
  #freeKey({ key, keyMax }: Entry): void {
    if (key === '') return;
    const left = (this.#taken.get(key) ?? 0) - 1;
    if (left <= 0) this.#taken.delete(key);
    else this.#taken.set(key, left);
    const waiting = new Map(
      [...this.#keyed].flatMap((member): [string, number][] => {
        const entry = this.entries.get(member);
        return entry?.key === key ? [[member, entry.at]] : [];
      }),
    );
    const member = firstOf(waiting);
    if (member === undefined || left >= keyMax) return;
    this.#keyed.delete(member);
    this.#taken.set(key, (this.#taken.get(key) ?? 0) + 1);
    this.#line.set(member, waiting.get(member) ?? 0);
  }

  #purge(): void {
    const now = this.#now();
    for (let count = 0; count < PURGE_PAGE; count += 1) {
      const member = firstOf(this.#held);
      if (member === undefined || (this.#held.get(member) ?? 0) > now) return;
      this.#held.delete(member);
      const entry = this.entries.get(member);
      if (entry?.token === '') this.#line.set(member, now);
      else if (entry !== undefined) {
        this.entries.delete(member);
        this.#freeKey(entry);
      }
    }
  }

  #nextStart(): number {
    const { max, rate, perMs } = this.#limits;
    if (max > 0 && this.#held.size >= max) return Number.POSITIVE_INFINITY;
    const before = rate > 0 ? this.#starts.at(-rate) : undefined;
    return before === undefined ? this.#now() : Math.max(this.#now(), before + perMs);
  }

  #promote(own: string): readonly string[] {
    const now = this.#now();
    const jobs: string[] = [];
    while (jobs.length < WAKE_PAGE && this.#nextStart() <= now) {
      const member = firstOf(this.#line);
      if (member === undefined) break;
      this.#line.delete(member);
      const entry = this.entries.get(member);
      if (entry === undefined) continue;
      this.#held.set(member, now + RESERVED_MS);
      const { rate } = this.#limits;
      if (rate > 0) this.#starts = [...this.#starts, now].slice(-rate);
      if (member !== own) jobs.push(entry.job);
    }
    return jobs;
  }

  /** As long as anybody is there: also who was called last may not come. */
  #setDue(): void {
    if (this.#held.size + this.#line.size + this.#keyed.size === 0) {
      this.dueAt = null;
      return;
    }
    const leaseEnd = Math.min(...this.#held.values());
    const due = Math.min(leaseEnd, this.#line.size > 0 ? this.#nextStart() : leaseEnd);
    this.dueAt = Number.isFinite(due) ? due : this.#now();
  }
}

/** The member with the lowest score; of equals, the first by its text, as in a sorted set. */
function firstOf(scores: ReadonlyMap<string, number>): string | undefined {
  let first: readonly [string, number] | undefined;
  for (const [member, score] of scores) {
    if (first === undefined || score < first[1] || (score === first[1] && member < first[0])) {
      first = [member, score];
    }
  }
  return first?.[0];
}
