export type {
  BeatItem,
  ClaimArgs,
  ClaimReply,
  CommitArgs,
  CommitReply,
  CarriedDecision,
  CompleteArgs,
  CompleteReply,
  FusedLock,
  LoadArgs,
  LoadReply,
  NewRun,
  RedeliverArgs,
  RedeliverReply,
  RunStore,
  StartArgs,
  StartReply,
} from './run-store.ts';
export type {
  AttentionEntry,
  Finding,
  MovedRun,
  OutboxLetter,
  RunSummary,
  TakeReply,
} from './run-findings.ts';
export { SUSPECT_LOADS } from './run-store.ts';
export {
  definitionStatus,
  placeOf,
  type IndexChange,
  type IndexedRun,
  type RunIndex,
  type RunPage,
  type RunSet,
  type RunSpan,
} from './run-index.ts';
export type { DefinitionStore, PinnedDefinition } from './definition-store.ts';
export type { Nudges } from './nudges.ts';
export type { TunableStore } from './tunables.ts';
export type { Agenda, AgendaCommit, AgendaEntry } from './agenda.ts';
export {
  ENGINE_ROLES,
  isEngineMember,
  type Fleet,
  type FleetLeave,
  type FleetMode,
  type FleetReturn,
  type FleetState,
  type LiveMember,
  type Member,
} from './fleet.ts';
export type { TaskLogLine, TaskLogs } from './task-logs.ts';
export type { Poll, PollBook } from './poll-book.ts';
export type { EpochObservation, StoreEpoch } from './store-epoch.ts';

// Redis
export { createRedisAgenda } from './redis/redis-agenda.ts';
export { createRedisDefinitionStore } from './redis/redis-definition-store.ts';
export { createRedisFleet } from './redis/redis-fleet.ts';
export { createRedisRunIndex } from './redis/redis-run-index.ts';
export { createRedisNudges } from './redis/redis-nudges.ts';
export type {
  EventAim,
  EventLog,
  PublishedEvent,
  ReceivedEvent,
  StoredHandler,
} from './event-log.ts';
export { createRedisStore } from './redis/create-redis-store.ts';
export { createRedisStoreEpoch } from './redis/redis-store-epoch.ts';
export { createRedisEventLog } from './redis/redis-event-log.ts';
export { createRedisPollBook } from './redis/redis-poll-book.ts';
export { createRedisTaskLogs } from './redis/redis-task-logs.ts';
export { createRedisTunables } from './redis/redis-tunables.ts';
export { decodeState, encodeState, type StoredState } from './redis/record-codec.ts';
export type { RedisStoreOptions } from './redis/redis-scope.ts';
export { type RedisClient, scriptSha1 } from './script.ts';
export {
  createKeyBuilder,
  type KeyBuilder,
  type PartitionKeys,
  type RunKeys,
} from './key-builder.ts';

// Memory
export { createMemoryAgenda } from './memory/memory-agenda.ts';
export { createMemoryDefinitionStore } from './memory/memory-definition-store.ts';
export { createMemoryEventLog } from './memory/memory-event-log.ts';
export { createMemoryFleet } from './memory/memory-fleet.ts';
export { createMemoryRunIndex } from './memory/memory-run-index.ts';
export { createMemoryNudges } from './memory/memory-nudges.ts';
export {
  createMemoryStore,
  type MemoryStore,
  type MemoryStoreOptions,
} from './memory/memory-store.ts';
export type { MemoryBounds, Retention } from './memory/memory-state.ts';
export { createMemoryTunables } from './memory/memory-tunables.ts';
export type { RunSnapshot } from './memory/run-snapshot.ts';

// Locks
export { createLockProvider, type LockProviderConfig } from './locks/create-lock-provider.ts';
export { newLockToken } from './locks/lock-driver.ts';
export { currentLockOwner, withLockOwner } from './locks/lock-owner.ts';
export type { AcquireOptions, Lock, LockDriverName, LockProvider } from './locks/lock-provider.ts';
export type { LockProviderOptions } from './locks/leased-lock-provider.ts';
export {
  defaultLockTunables,
  silentLockObserver,
  type LockObserver,
  type LockTunables,
  type LockUse,
} from './locks/lock-tunables.ts';
export {
  type EnterArgs,
  type EnterReply,
  type GateLimits,
  type GateMember,
  type Gates,
} from './gates.ts';
export { createMemoryGates } from './memory/memory-gates.ts';
export { createRedisGates } from './redis/redis-gates.ts';
