import {
  isTerminalRun,
  joineryError,
  type Operation,
  type RunId,
  type RunStatus,
} from '@joinery/core';
import { type CommitReply, type LoadReply } from '@joinery/store';
import { nudge } from '../letters/nudge.ts';
import { presumed } from '../decisions/presumed.ts';
import { type Engine } from '../engine.ts';
import { evaluateSlice, type Evaluation } from '../decisions/evaluate-slice.ts';
import { type AddressedLetter, lettersOf } from '../letters/addressed-letter.ts';

/** What an operator asks of a run. */
export interface OperateRequest {
  readonly runId: RunId;
  readonly operation: Operation;
  /** The same id asks for the same thing: a repeated request changes nothing. Default: a fresh one. */
  readonly requestId?: string;
  /** Who asks, for the history. Default: this process. */
  readonly actor?: string;
}

/** Refusals in a row after which somebody must be changing the run faster than we can load it. */
const TRIES_LIMIT = 50;

/** What an operation has come to, with the letters that its commits ask to be relayed. */
export interface Operated {
  readonly status: RunStatus;
  readonly letters: readonly AddressedLetter[];
}

/** The writes of an operation, and the nudge; its letters are the caller's to relay. Throws as `operateRun` does. */
export async function operateOnRun(engine: Engine, request: OperateRequest): Promise<Operated> {
  const requestId = request.requestId ?? engine.entropy.randomId();
  for (let attempt = 0; attempt < TRIES_LIMIT; attempt += 1) {
    const { reply, letters } = await operateOnce(engine, { ...request, requestId });
    if (reply.type === 'gone') throw joineryError('JN_RUN_NOT_FOUND', { runId: request.runId });
    if (reply.type !== 'refused') {
      await nudge(engine, [request.runId]);
      return { status: reply.status, letters };
    }
  }
  const what = `${request.operation.type} of run ${request.runId}`;
  throw joineryError('JN_INVARIANT_BROKEN', {
    what,
    problem: `it was refused ${TRIES_LIMIT} times, by ever newer decisions`,
  });
}

/** Load again. */
const OVERTAKEN: CommitReply = { type: 'refused', by: 'decision' };

type Loaded = Extract<LoadReply, { type: 'slice' }>;

async function operateOnce(
  engine: Engine,
  request: OperateRequest & { readonly requestId: string },
): Promise<{ readonly reply: CommitReply; readonly letters: readonly AddressedLetter[] }> {
  const { runId, operation } = request;
  const actor = request.actor ?? engine.actor('operate-run');
  const loaded = await engine.store.load({ runId, lock: null, isForced: true, actor });
  if (loaded.type === 'gone') return { reply: loaded, letters: [] };
  if (loaded.type !== 'slice') {
    const problem = `a forced load answered ${loaded.type}`;
    throw joineryError('JN_INVARIANT_BROKEN', { what: `load of run ${runId}`, problem });
  }
  const { slice } = loaded;
  const evaluation = await evaluateSlice(engine, slice, { type: 'operation', operation });
  if (evaluation.type === 'gone') return { reply: evaluation, letters: [] };
  if (evaluation.type === 'overtaken') return { reply: OVERTAKEN, letters: [] };
  if (evaluation.type === 'decision') {
    const { commands, hasMore } = evaluation.decision;
    const reply = await commit(engine, loaded, { commands, hasMore }, request.requestId, actor);
    const letters = reply.type === 'committed' ? lettersOf(slice.run, commands) : [];
    return { reply, letters };
  }
  const repeated = await findRepeated(engine, loaded, request.requestId, actor);
  if (repeated !== null) return { reply: repeated, letters: [] };
  await acquit(engine, loaded, actor);
  if (evaluation.type === 'refused') throw refusal(evaluation, slice.run.status, request);
  const what = `${operation.type} of run ${runId}`;
  throw joineryError('JN_INVARIANT_BROKEN', { what, problem: evaluation.reason });
}

/** The reply to an earlier request of this id. A commit on decision -1 is always refused, unless it is a repeated one. */
async function findRepeated(
  engine: Engine,
  loaded: Loaded,
  requestId: string,
  actor: string,
): Promise<CommitReply | null> {
  const probe = { ...loaded.slice, run: { ...loaded.slice.run, decision: -1 } };
  const nothing = { commands: [], hasMore: true };
  const reply = await commit(engine, { ...loaded, slice: probe }, nothing, requestId, actor);
  return reply.type === 'repeated' || reply.type === 'gone' ? reply : null;
}

/** Tells the store that this evaluation has come to an end: loads without a commit count as ended processes. */
async function acquit(engine: Engine, loaded: Loaded, actor: string): Promise<void> {
  if (isTerminalRun(loaded.slice.run.status)) return;
  await commit(engine, loaded, { commands: [], hasMore: false }, '', actor);
}

function commit(
  engine: Engine,
  { slice, fence }: Loaded,
  decision: Pick<Parameters<Engine['store']['commit']>[0], 'commands' | 'hasMore'>,
  requestId: string,
  actor: string,
): Promise<CommitReply> {
  const { run } = slice;
  return engine.store.commit({
    ...presumed(slice),
    fence,
    nextNonce: engine.entropy.randomId(),
    commands: decision.commands,
    // An operation does not look at what has arrived: those signals stay for the next decision.
    hasMore: decision.hasMore || run.dirty > run.seen,
    wasFull: false,
    lock: null,
    requestId,
    actor,
  });
}

function refusal(
  { code, details }: Extract<Evaluation, { type: 'refused' }>,
  status: RunStatus,
  { runId, operation }: OperateRequest,
): Error {
  const about = { task: '', problem: '', what: '', size: 0, limit: 0 };
  return joineryError(code, { runId, status, operation: operation.type, ...about, ...details });
}
