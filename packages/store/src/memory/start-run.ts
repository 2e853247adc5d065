import { isTerminalRun, joineryError } from '@joinery/core';
import type { NewRun, StartArgs, StartReply } from '../run-store.ts';
import { applyCommands, arePresumptionsMet } from './apply-commands.ts';
import { deriveAttention } from './derive-attention.ts';
import type { MemoryRun, RunRecord } from './memory-run.ts';
import { partitionOfRun, type Step } from './memory-state.ts';
import { noteMove } from './moved-runs.ts';

/** Make a run with its first decision, or find the one that its idempotency key names. */
export function startRun(step: Step, args: StartArgs): StartReply {
  const { id: runId, definition, idempotencyKey } = args.run;
  const { runs, idempotency } = partitionOfRun(step, runId);
  const name = `${definition}\0${idempotencyKey}`;
  if (runs.has(runId)) return { type: 'started', runId };
  const named = idempotencyKey === '' ? undefined : idempotency.get(name);
  if (named?.purged && named.purged.knownUntil > step.now) {
    return { type: 'exists', runId: named.runId, status: named.purged.status };
  }
  const other = named === undefined ? undefined : runs.get(named.runId);
  if (other !== undefined) {
    return { type: 'exists', runId: other.record.id, status: other.record.status };
  }
  const run = emptyRun(newRecord(step, args));
  if (!arePresumptionsMet(run, args.commands)) {
    throw joineryError('JN_INVARIANT_BROKEN', {
      what: `the first decision of run ${runId}`,
      problem: 'it presumes that a task exists already',
    });
  }
  run.data.set('run:input', args.run.input);
  run.data.set('run:variables', args.run.variables);
  applyCommands(step, run, args);
  if (isTerminalRun(run.record.status)) run.record.endedAt = step.now;
  if (idempotencyKey !== '') idempotency.set(name, { runId, purged: null });
  runs.set(runId, run);
  noteMove(step, run);
  deriveAttention(step, run);
  return { type: 'started', runId };
}

function emptyRun(record: RunRecord): MemoryRun {
  return {
    record,
    tasks: new Map(),
    data: new Map(),
    history: [],
    outbox: new Map(),
    timers: new Map(),
    watch: new Map(),
    joins: new Map(),
    todo: new Map(),
    fences: new Map(),
    lock: null,
  };
}

function newRecord({ now }: Step, { run, nonce, hasMore, actor }: StartArgs): RunRecord {
  return {
    ...identityOf(run),
    parent: run.parent ?? null,
    status: 'RUNNING',
    reason: '',
    version: 0,
    decision: 1,
    nonce,
    fence: 0,
    dirty: hasMore ? 1 : 0,
    seen: 0,
    open: 0,
    seq: 0,
    isRootDone: false,
    closing: null,
    compensating: null,
    failedPermissive: [],
    resetting: null,
    retriedAt: 0,
    attempt: 1,
    createdAt: now,
    updatedAt: now,
    endedAt: 0,
    lastDecidedAt: now,
    lastActor: actor,
    fenceIssued: 0,
    decidedVersion: 0,
    loads: 0,
    dirtyAt: hasMore ? now : 0,
    fullAt: now,
    isFullDue: false,
    calm: '',
    operations: [],
  };
}

function identityOf({ input: _input, variables: _variables, ...identity }: NewRun): NewIdentity {
  return identity;
}

type NewIdentity = Omit<NewRun, 'input' | 'variables'>;
