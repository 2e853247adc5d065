/** A live process, by its own word and the store's clock. */
export interface Member {
  readonly id: string;
  readonly roles: readonly string[];
  readonly host: string;
  readonly pid: number;
  readonly startedAt: number;
  readonly phase: 'starting' | 'ready' | 'draining';
  /** Task types that its workers run; empty for other roles. */
  readonly taskTypes: readonly string[];
  readonly inflight: number;
}

/** A member with its last sign of life, ms since epoch. */
export interface LiveMember extends Member {
  readonly beatAt: number;
}

/** Registry of live processes; liveness by the store's clock (default: dead after 15 s without a beat). */
export interface Fleet {
  beat(member: Member): Promise<void>;
  leave(id: string): Promise<{ readonly live: number }>;
  live(): Promise<readonly LiveMember[]>;
}
