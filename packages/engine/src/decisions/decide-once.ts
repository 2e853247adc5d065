import { type Decision, requestedRunOf, type RunStatus, type Slice } from '@joinery/core';
import { type CommitReply, type FusedLock, type LoadReply } from '@joinery/store';
import { noteTimeOuts } from '../circuits/note-call.ts';
import { type Engine } from '../engine.ts';
import { evaluateSlice, type Evaluation, wholeSlice } from './evaluate-slice.ts';
import { isDeterministic, reasonOf } from './deterministic-error.ts';
import { failRun } from './fail-run.ts';
import { lettersOf } from '../letters/addressed-letter.ts';
import { presumed } from './presumed.ts';
import { relayLetters } from '../letters/relay-letters.ts';

type Decided = Extract<Evaluation, { type: 'decision' }>;
export type LoadedSlice = Extract<LoadReply, { type: 'slice' }>;

/** What became of one evaluation of one loaded slice. */
export type StepOutcome =
  | {
      readonly type: 'committed';
      readonly status: RunStatus;
      readonly isDirty: boolean;
      readonly hasMore: boolean;
    }
  /** Something changed since the load: nothing was written. */
  | { readonly type: 'refused' }
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'gone' };

/** Decides on a loaded slice, commits, and relays the decision's letters. */
export async function decideOnce(
  engine: Engine,
  loaded: LoadedSlice,
  lock: FusedLock | null,
): Promise<StepOutcome> {
  await engine.crashPoint?.('in-critical-section');
  const evaluation = await evaluateLoaded(engine, loaded);
  switch (evaluation.type) {
    case 'gone':
      return evaluation;
    case 'overtaken':
      return { type: 'refused' };
    case 'impossible':
    case 'refused':
      await failRun(engine, loaded.slice.run.id, evaluation.reason);
      return { type: 'failed', reason: evaluation.reason };
    case 'decision':
      return commitDecision(engine, loaded, lock, evaluation);
  }
}

async function evaluateLoaded(engine: Engine, loaded: LoadedSlice): Promise<Evaluation> {
  try {
    const slice = loaded.isFullDue ? await wholeSlice(engine, loaded.slice) : loaded.slice;
    if (slice === null) return { type: 'gone' };
    return await evaluateSlice(engine, slice, { type: 'look' });
  } catch (error) {
    // What cannot be read now may be readable later, unless it is the record itself that is broken.
    if (!isDeterministic(error)) throw error;
    return { type: 'impossible', reason: reasonOf('read', error) };
  }
}

async function commitDecision(
  engine: Engine,
  loaded: LoadedSlice,
  lock: FusedLock | null,
  evaluation: Decided,
): Promise<StepOutcome> {
  const { slice, fence } = loaded;
  const { decision } = evaluation;
  const { id: runId } = slice.run;
  await engine.crashPoint?.('before-commit');
  const since = engine.clock.now();
  let reply: CommitReply;
  try {
    reply = await engine.store.commit({
      ...presumed(slice),
      fence,
      nextNonce: engine.entropy.randomId(),
      hasMore: decision.hasMore,
      wasFull: decision.wasFull,
      isCalm: isCalm(evaluation),
      commands: decision.commands,
      lock: loaded.hasLock ? lock : null,
      requestId: '',
      actor: engine.actor('decide-run'),
    });
  } catch (error) {
    if (!isDeterministic(error)) throw error;
    const reason = reasonOf('commit', error);
    await failRun(engine, runId, reason);
    return { type: 'failed', reason };
  }
  if (reply.type === 'refused' || reply.type === 'gone') return { type: reply.type };
  await engine.crashPoint?.('after-commit');
  noteRepairs(engine, slice, decision);
  engine.sizeWatch.note(slice.run, decision.commands);
  await noteTimeOuts(engine, slice, decision.commands);
  await relayLetters(engine, lettersOf(slice.run, decision.commands), since);
  const { status, isDirty } = reply;
  return { type: 'committed', status, isDirty, hasMore: decision.hasMore };
}

/** Nothing is left to do, and nothing that happens to another run can change that. */
function isCalm({ decision, slice }: Decided): boolean {
  const waitsForRun = [...slice.rows.values()].some(
    (row) => row !== null && requestedRunOf(row) !== null,
  );
  return decision.wasFull && decision.isEmpty && !decision.hasMore && !waitsForRun;
}

function noteRepairs(engine: Engine, slice: Slice, decision: Decision): void {
  for (const kind of decision.repairs) {
    engine.meters.repaired(kind);
    engine.logger.warn(
      { event: 'repair.done', runId: slice.run.id, kind },
      'a full evaluation found the run apart and mended it',
    );
  }
}
