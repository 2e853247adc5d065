import { createHash } from 'node:crypto';
import { partitionOf, type RunId } from '@joinery/core';
import { partitionTags } from './slot-tags.ts';

/** Names of a partition's keys. */
export interface PartitionKeys {
  /** ZSET run id -> moment of the next look. */
  readonly attention: string;
  /** ZSET `<run id> <letter id>` -> moment at which it was put into the outbox. */
  readonly unsent: string;
  /** ZSET run id -> createdAt. */
  readonly runs: string;
  /** ZSET run id -> moment of its purge. */
  readonly expiry: string;
  /** LIST of what operators must be able to look up, capped. */
  readonly audit: string;
  /** ZSET run id -> version at which its status changed last, or inf when it goes: what views over many runs have not seen. */
  readonly moved: string;
  /** STRING moment of the last take. */
  readonly clock: string;
  /** STRING `<moment> <cursor>`: how far all runs have been compared with attention. */
  readonly audited: string;
}

/** Names of a run's keys; all in the slot of its partition. */
export interface RunKeys {
  /** HASH the record. */
  readonly run: string;
  /** HASH task key -> `<rev> <json>`; `<key>@<attempt>` for earlier attempts. */
  readonly tasks: string;
  /** HASH field -> JSON text or `@<blob id>`. */
  readonly data: string;
  /** LIST of `[version, at, actor, event]`. */
  readonly history: string;
  /** HASH letter id -> JSON with `at`. */
  readonly outbox: string;
  /** ZSET timer id -> moment; the decider's. */
  readonly timers: string;
  /** ZSET `lease:<key>`, `check:<key>` -> moment; the sweeper's. */
  readonly watch: string;
  /** HASH join -> count, `<join>\0<key>` -> 1. */
  readonly joins: string;
  /** ZSET task key -> version at which it became terminal. */
  readonly todo: string;
  /** STRING token of the fused lock. */
  readonly lock: string;
}

/** Agendas of which each has a slot: one may be long without making the others slow. */
export type AgendaName = 'agenda' | 'dead-letters' | 'documents' | 'secrets' | 'circuits';

/** Names of an agenda's keys. */
export interface AgendaKeys {
  readonly entries: string;
  readonly due: string;
  readonly log: (id: string) => string;
}

/** Every key of the store, built here and nowhere else. */
export interface KeyBuilder {
  readonly partitions: number;
  partition(partition: number): PartitionKeys;
  run(runId: RunId): RunKeys;
  /** The partition's part of KEYS, in the order of `lua/lib/run-keys.lua`. */
  partitionScriptKeys(partition: number): readonly string[];
  /** KEYS of a script about one run, in the order of `lua/lib/run-keys.lua`: the partition's part and the run's. */
  runScriptKeys(runId: RunId): readonly string[];
  /** STRING: the run that owns an idempotency key, by the key's hash; after its purge with status and moment. */
  idempotency(partition: number, hash: string): string;
  /** STRING: a payload too large to stand inline. */
  blob(runId: RunId, blobId: string): string;
  /** HASH version -> definition. */
  workflow(name: string): string;
  readonly workflows: string;
  /** STRING names the workflow definitions as they are; each change brings another one. */
  readonly workflowsStamp: string;
  readonly taskDefs: string;
  pinned(planId: string): string;
  /** LIST of a task's log lines, capped and with an end of its own. */
  taskLog(runId: RunId, taskId: string): string;
  /** ZSET `[task type, domain, worker]` -> moment of the last poll. */
  readonly polls: string;
  /** STREAM of the events of a sink; all of them in one slot. */
  eventStream(sink: string): string;
  /** HASH handler name -> definition. */
  readonly eventHandlers: string;
  /** STRING: at what an effect of an event was aimed. */
  eventAim(effectId: string): string;
  readonly nudges: string;
  readonly tunables: string;
  /** KEYS of the scripts about one gate, in the order of `lua/lib/gate.lua`. */
  gate(slot: number, name: string): readonly string[];
  /** ZSET gate -> moment at which it must be advanced; one per slot of gates. */
  gatesDue(slot: number): string;
  /** HASH identity, epoch: which server holds the store. */
  readonly epoch: string;
  readonly fleetMembers: string;
  readonly fleetInfo: string;
  /** ZSET member id -> moment of the last beat, of those that carry runs on. */
  readonly fleetEngines: string;
  /** HASH mode, generation, …: whether anybody carries runs on, and since when. */
  readonly fleetState: string;
  /** An agenda of its own name: HASH entry id -> `<revision> <JSON>`, ZSET entry id -> moment, LIST per entry. */
  agenda(name: AgendaName): AgendaKeys;
}

/** Over so many slots gates are spread: each costs a sweeper a call a pass, and takes its share of the limited tasks. */
export const GATE_SLOTS = 4;

/** Names all keys under `<prefix>:`. */
export function createKeyBuilder(prefix: string, partitions: number): KeyBuilder {
  const tags = partitionTags(partitions);
  // A run id from outside may carry a partition that does not exist; it then names no key that does.
  const base = (partition: number): string => `${prefix}:{${tags[partition] ?? `no-${partition}`}}`;
  const gateTags = partitionTags(GATE_SLOTS);
  const gateBase = (slot: number): string => `${prefix}:{${gateTags[slot]}}:gate`;
  const partition = (number: number): PartitionKeys => partitionKeys(base(number));
  const runBase = (runId: RunId): string => `${base(partitionOf(runId))}:${runId}`;
  const partitionScriptKeys = (number: number): readonly string[] => {
    const { attention, unsent, runs, expiry, audit, moved } = partition(number);
    return [attention, unsent, runs, expiry, audit, moved];
  };
  return {
    partitions,
    partition,
    run: (runId) => runKeys(runBase(runId)),
    partitionScriptKeys,
    runScriptKeys: (runId) => [
      ...partitionScriptKeys(partitionOf(runId)),
      ...Object.values(runKeys(runBase(runId))),
    ],
    idempotency: (number, hash) => `${base(number)}:idem:${hash}`,
    blob: (runId, blobId) => `${runBase(runId)}:blob:${blobId}`,
    workflow: (name) => `${prefix}:{def}:workflow:${name}`,
    workflows: `${prefix}:{def}:workflows`,
    workflowsStamp: `${prefix}:{def}:stamp`,
    taskDefs: `${prefix}:{def}:taskdefs`,
    pinned: (planId) => `${prefix}:{def}:pinned:${planId}`,
    taskLog: (runId, taskId) => `${runBase(runId)}:log:${taskId}`,
    polls: `${prefix}:{fleet}:polls`,
    eventStream: (sink) => `${prefix}:{events}:stream:${sink}`,
    eventHandlers: `${prefix}:{events}:handlers`,
    eventAim: (effectId) => `${prefix}:{events}:aim:${effectId}`,
    nudges: `${prefix}:{nudge}:runs`,
    tunables: `${prefix}:{fleet}:tunables`,
    gate: (slot, name) => [
      `${gateBase(slot)}:due`,
      ...['held', 'line', 'keyed', 'entries', 'taken', 'starts'].map(
        (part) => `${gateBase(slot)}:${part}:${name}`,
      ),
    ],
    gatesDue: (slot) => `${gateBase(slot)}:due`,
    epoch: `${prefix}:{fleet}:epoch`,
    fleetMembers: `${prefix}:{fleet}:members`,
    fleetInfo: `${prefix}:{fleet}:info`,
    fleetEngines: `${prefix}:{fleet}:engines`,
    fleetState: `${prefix}:{fleet}:state`,
    agenda: (name) => ({
      entries: `${prefix}:{${name}}:entries`,
      due: `${prefix}:{${name}}:due`,
      log: (id) => `${prefix}:{${name}}:log:${id}`,
    }),
  };
}

/** The hash under which an idempotency key of a definition is known. */
export function idempotencyHash(definition: string, idempotencyKey: string): string {
  return createHash('sha256').update(`${definition}\0${idempotencyKey}`).digest('hex');
}

function partitionKeys(base: string): PartitionKeys {
  return {
    attention: `${base}:attention`,
    unsent: `${base}:unsent`,
    runs: `${base}:runs`,
    expiry: `${base}:expiry`,
    audit: `${base}:audit`,
    moved: `${base}:moved`,
    clock: `${base}:clock`,
    audited: `${base}:audited`,
  };
}

/** In the order of `lua/lib/run-keys.lua`; a test holds the two together. */
function runKeys(base: string): RunKeys {
  return {
    run: base,
    tasks: `${base}:tasks`,
    data: `${base}:data`,
    history: `${base}:history`,
    outbox: `${base}:outbox`,
    timers: `${base}:timers`,
    watch: `${base}:watch`,
    joins: `${base}:joins`,
    todo: `${base}:todo`,
    lock: `${base}:lock`,
  };
}
