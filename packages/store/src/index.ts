export type {
  AttentionEntry,
  BeatItem,
  ClaimArgs,
  ClaimReply,
  CommitArgs,
  CommitReply,
  CompleteArgs,
  CompleteReply,
  Finding,
  FusedLock,
  LoadArgs,
  LoadReply,
  NewRun,
  OutboxLetter,
  RedeliverArgs,
  RedeliverReply,
  RunStore,
  RunSummary,
  StartArgs,
  StartReply,
  TakeReply,
} from './run-store.ts';
export type { DefinitionStore, PinnedDefinition } from './definition-store.ts';
export type { Nudges } from './nudges.ts';
export type { TunableStore } from './tunables.ts';
export type { Fleet, LiveMember, Member } from './fleet.ts';
