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

/** Members with one of these roles carry runs on; without any of them nothing moves. */
export const ENGINE_ROLES = ['scheduler', 'worker', 'coordinator', 'sweeper'] as const;

/** True for a member without which, were it the last one, nothing moves. */
export function isEngineMember({ roles }: Pick<Member, 'roles'>): boolean {
  return roles.some((role) => ENGINE_ROLES.some((each) => each === role));
}

/** Whether anybody carries runs on. `QUIESCED`: the last engine has left; `LEFT`: it has, and nobody is to mind. */
export type FleetMode = 'ACTIVE' | 'QUIESCED' | 'LEFT';

/** The fleet as a whole. */
export interface FleetState {
  readonly mode: FleetMode;
  /** How often a last engine has left. */
  readonly generation: number;
  /** Since when it is so, ms since epoch; 0 = nobody has ever been there. */
  readonly at: number;
  /** Who made it so. */
  readonly by: string;
}

/** What the first engine after a time without any is told. */
export interface FleetReturn {
  /** `unclean`: the last one before it did not leave, it died. */
  readonly how: 'first' | 'clean' | 'unclean';
  /** For how long nobody was there, ms. */
  readonly gapMs: number;
  /** Names this return; beats after it repeat it. */
  readonly at: number;
}

/** Registry of live processes; liveness by the store's clock (default: dead after 15 s without a beat). */
export interface Fleet {
  /** Answers the return of the fleet that this member has brought about, null when it has not. */
  beat(member: Member): Promise<FleetReturn | null>;
  /** In one step: leave, and find out whether anybody is left. Repeated, it answers the same. */
  leave(id: string, modeAfter?: 'QUIESCED' | 'LEFT'): Promise<FleetLeave>;
  live(): Promise<readonly LiveMember[]>;
  state(): Promise<FleetState>;
}

/** What a member leaves behind. */
export interface FleetLeave {
  /** Live members, engines or not. */
  readonly live: number;
  /** It was the last engine. */
  readonly isLast: boolean;
  readonly generation: number;
}
