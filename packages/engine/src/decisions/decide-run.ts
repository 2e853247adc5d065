/*
 * Ownership: whoever calls owns nothing; the lock of a run is held from load to commit, or for the whole call where it
 * stands apart. Interface: decideRun, as often as anybody likes.
 * Invariants:
 *  D1 a miss changes nothing: the run stays dirty and in attention, and the caller is told when to come again.
 *  D2 a run that could not be locked for longer than overtakeAfter is decided without the lock.
 *  D3 where the lock stands apart, the run is read once more after the release.
 *  D4 an evaluation that cannot succeed ends its run FAILED; an error of Redis never does.
 *  D5 every commit is made on what the same call has loaded; a refused one is decided anew, never forced.
 *  D6 a run fails for the deaths of its deciders only when nothing else was decided beside it each time.
 */
import { isTerminalRun, type RunId, type RunState } from '@joinery/core';
import { type LoadArgs, type LoadReply } from '@joinery/store';
import { type DecideOutcome } from './decide-outcome.ts';
import { decideAlone, decideBeside } from './decide-in-turn.ts';
import { type LoadedSlice, type StepOutcome } from './decide-once.ts';
import { type Engine, fusedLockOf } from '../engine.ts';
import { type DecideLocks } from '../engine-ports.ts';
import { retryAfterMissMs } from '../engine-tunables.ts';
import { EVALUATION_DEATHS_LIMIT, PROBATION_MS } from './evaluation-watch.ts';
import { failRun } from './fail-run.ts';
import { loadSlice } from './load-slice.ts';

/** Decisions of one call: a wide fork comes in steps, and its neighbours want their turn. */
const COMMITS_LIMIT = 32;
/** Each refusal means that somebody else has moved the run on; five in a row mean that it is in good hands. */
const REFUSALS_LIMIT = 5;

/** Decides a run until nothing is left to decide. Any process may call it at any time: too often is harmless. */
export async function decideRun(engine: Engine, runId: RunId): Promise<DecideOutcome> {
  const outcome =
    engine.locks === 'fused'
      ? await decideFused(engine, runId)
      : await decideApart(engine, engine.locks, runId);
  engine.meters.decided(outcome.type);
  return outcome;
}

async function decideFused(engine: Engine, runId: RunId): Promise<DecideOutcome> {
  const isOverdue = engine.lockMisses.isOverdue(runId, engine.tunables());
  const outcome = await decideUntilClean(engine, runId, {
    lock: isOverdue ? null : fusedLockOf(engine),
  });
  if (outcome.type === 'busy') {
    engine.lockMisses.note(runId);
    engine.lockMetrics.missed('decide');
  }
  return outcome;
}

async function decideApart(
  engine: Engine,
  locks: DecideLocks,
  runId: RunId,
): Promise<DecideOutcome> {
  const { timeToTryMs, leaseMs, overtakeAfterMs } = engine.tunables();
  const isOverdue = engine.lockMisses.isOverdue(runId, engine.tunables());
  const tryMs = isOverdue ? 0 : timeToTryMs;
  const lock = await locks.acquire(runId, { use: 'decide', timeToTryMs: tryMs, leaseMs });
  if (lock !== null) engine.lockMisses.clear(runId);
  else engine.lockMisses.note(runId);
  // Processes may live shorter than their patience: since when the run waits is known to the store.
  const patienceMs = lock === null && !isOverdue ? overtakeAfterMs : 0;
  let outcome: DecideOutcome;
  try {
    outcome = await decideUntilClean(engine, runId, { lock: null, patienceMs });
  } finally {
    await lock?.release();
  }
  // A completion between our last commit and the release may have met only our lock.
  if (outcome.type !== 'clean' && outcome.type !== 'decided') return outcome;
  const run = await engine.store.find(runId);
  if (run === null || !needsDecision(run)) return outcome;
  return { type: 'decided', status: run.status, hasMore: true };
}

async function decideUntilClean(
  engine: Engine,
  runId: RunId,
  { lock, patienceMs = 0 }: Pick<LoadArgs, 'lock' | 'patienceMs'>,
): Promise<DecideOutcome> {
  let last: Extract<StepOutcome, { type: 'committed' }> | undefined;
  let refusals = 0;
  for (let commits = 0; commits < COMMITS_LIMIT && refusals < REFUSALS_LIMIT;) {
    const since = engine.clock.now();
    const loaded = await loadSlice(engine, runId, { lock, patienceMs, isAlone: false });
    if (loaded.type === 'impossible') return fail(engine, runId, loaded.reason);
    if (loaded.type !== 'slice') return last ? decided(last, false) : notLoaded(engine, loaded);
    if (lock !== null || patienceMs > 0) noteLock(engine, runId, loaded.hasLock);
    const judged = await judge(engine, loaded);
    if (typeof judged !== 'string') return judged;
    const decide = judged === 'alone' ? decideAlone : decideBeside;
    const step = await decide(engine, loaded, lock);
    if (loaded.hasLock) engine.lockMetrics.held(engine.clock.now() - since, 'decide');
    if (step.type === 'gone' || step.type === 'failed') return step;
    if (step.type === 'refused') refusals += 1;
    else {
      last = step;
      commits += 1;
      if (!step.isDirty && !step.hasMore) return decided(step, false);
    }
  }
  return last ? decided(last, true) : busy(engine);
}

function noteLock(engine: Engine, runId: RunId, hasLock: boolean): void {
  if (hasLock) engine.lockMisses.clear(runId);
  else engine.lockMisses.overtook(runId, engine.tunables().overtakeAfterMs);
}

/** How to evaluate a run, or what to do with one whose evaluations keep ending their processes. */
async function judge(engine: Engine, loaded: LoadedSlice): Promise<DecideOutcome | 'go' | 'alone'> {
  const { id: runId, nonce } = loaded.slice.run;
  const verdict = engine.evaluations.judge(runId, nonce, loaded.loads);
  if (verdict === 'go' || (verdict === 'alone' && engine.isolate === undefined)) return verdict;
  if (verdict === 'fail') {
    const times = EVALUATION_DEATHS_LIMIT;
    return fail(engine, runId, `decide: its evaluation has ended its process ${times} times`);
  }
  engine.evaluations.survived(runId, nonce);
  if (verdict === 'wait') return { type: 'busy', retryAfterMs: PROBATION_MS };
  await engine.isolate?.(runId);
  return { type: 'isolated' };
}

async function fail(engine: Engine, runId: RunId, reason: string): Promise<DecideOutcome> {
  await failRun(engine, runId, reason);
  return { type: 'failed', reason };
}

function notLoaded(engine: Engine, reply: Exclude<LoadReply, LoadedSlice>): DecideOutcome {
  switch (reply.type) {
    case 'gone':
      return { type: 'gone' };
    case 'clean':
      return { type: 'clean', status: reply.status };
    case 'busy':
      return busy(engine);
  }
}

function busy(engine: Engine): DecideOutcome {
  return { type: 'busy', retryAfterMs: retryAfterMissMs(engine.tunables()) };
}

function decided(
  step: Extract<StepOutcome, { type: 'committed' }>,
  hasMore: boolean,
): DecideOutcome {
  return { type: 'decided', status: step.status, hasMore };
}

/** Whether a load would find something; a paused run keeps its signals until it is resumed. */
export function needsDecision(run: RunState): boolean {
  if (isTerminalRun(run.status)) return false;
  if (run.closing !== null) return true;
  return run.status === 'RUNNING' && run.dirty > run.seen;
}
