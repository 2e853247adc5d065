import {
  isTerminalRun,
  type Operation,
  type Plan,
  type TaskKey,
  type TaskRow,
  taskKeyOf,
  visibleRows,
} from '@joinery/core';
import {
  disagreement,
  expectedRun,
  type GeneratedDefinition,
  outcomeScript,
  type OutcomeScript,
} from '@joinery/testing';
import { ask, beginRun } from '../drive-run.ts';
import { doubled, type Observer, RandomRun } from '../random-run.ts';
import type { RunModel } from '../run-model.ts';
import { type AimedOperator, LAST_REF } from './aimed-definition.ts';
import { depthOf } from './depth-of.ts';

/*
 * One pair: a run of a definition in which workers behave as a script says, operated on once, and held against the
 * reference model. After a reset workers behave as another script says: what was kept must be as the first one said, and
 * what is done again as the second.
 */

/** What is done to a run. `run`: nothing. */
export const OPERATIONS = ['run', 'pause', 'terminate', 'retry', 'restart', 'rerun'] as const;
/** One of {@link OPERATIONS}. */
export type PairOperation = (typeof OPERATIONS)[number];

/** The operator and the depth that are meant, and what is done. */
export interface Cell {
  readonly operator: AimedOperator;
  readonly depth: number;
  readonly operation: PairOperation;
}

/** `isHit`: the operation has met a task of the operator at the depth. */
export interface PlayedPair {
  readonly isHit: boolean;
  readonly problem: string | null;
}

/** What a run is played with. */
export interface Pair {
  readonly plan: Plan;
  readonly generated: GeneratedDefinition;
  readonly cell: Cell;
  readonly seed: number;
}

const MISSED: PlayedPair = { isHit: false, problem: null };
const reason = 'test';
const nobody: Observer = {
  deciding: () => undefined,
  decided: () => undefined,
  refused: () => undefined,
  worked: () => undefined,
};

/** Plays one pair. Pure: the same pair comes to the same. */
export function playPair(pair: Pair): PlayedPair {
  const { operation } = pair.cell;
  return operation === 'run' || operation === 'pause' || operation === 'terminate'
    ? hold(pair, operation)
    : reset(pair);
}

/** A run that is left alone, held or ended while the task is there. */
function hold(pair: Pair, operation: 'run' | 'pause' | 'terminate'): PlayedPair {
  const { plan, generated, seed } = pair;
  const script = outcomeScript(seed);
  const run = begin(pair, { script });
  run.playUntil((model) => targetIn(pair, model) !== undefined);
  if (targetIn(pair, run.model) === undefined) return MISSED;
  if (operation !== 'run') run.operate(operation);
  const isHit = operation === 'run' || run.model.run.status !== 'RUNNING' || run.model.isOver;
  if (!run.play()) return { isHit, problem: `${operation}: stands still` };
  if (operation === 'terminate') return { isHit, problem: openAfterEnd(run.model) };
  const expected = expectedRun(plan.definition, generated.input, script);
  return { isHit, problem: disagreement(endedRun(run.model), expected) };
}

/** Whatever had been open is closed, and nobody is to begin anything. */
function openAfterEnd({ run, rows, letters, timers }: RunModel): string | null {
  const open = [...rows.values()].filter(({ isSettled }) => !isSettled).map(({ key }) => key);
  const begun = [...letters.values()].filter(({ type }) => type === 'dispatch');
  const left = open.length + run.open + begun.length + timers.size;
  return left === 0 ? null : `${run.status} with ${open.join()} open, ${timers.size} timers`;
}

function reset(pair: Pair): PlayedPair {
  const { plan, generated, seed, cell } = pair;
  const first = outcomeScript(seed);
  const run = begin(pair, { script: cell.operation === 'retry' ? failingLast(first) : first });
  if (!run.play()) return { isHit: false, problem: 'the first run stands still' };
  const { model } = run;
  const target = targetIn(pair, model);
  if (target === undefined) return MISSED;
  const before = new Map(model.rows);
  const operation = operationOn(cell.operation, target);
  const slice = model.wholeSlice();
  const answer = ask(model, {
    plan,
    slice,
    event: { type: 'operation', operation },
    evaluate: doubled,
  });
  if ('code' in answer) return refusedPair(pair, model, answer.code);
  model.commit(answer.decision, model.run.dirty);
  const second = outcomeScript(seed ^ 0x5bd1e995);
  const again = begin(pair, { script: second, model });
  if (!again.play()) return { isHit: true, problem: `${operation.type}: stands still` };
  const done = doneAgain(model, before);
  if (isMixed(model, before, done)) return MISSED;
  const script: OutcomeScript = (key, attempt) => (done.has(key) ? second : first)(key, attempt);
  const expected = expectedRun(plan.definition, generated.input, script);
  if (expected.isCutShort && isForgivenAgain(before, done)) return MISSED;
  // What has failed elsewhere is tried again too, and may end the run before.
  const isMet = expected.isCutShort || done.has(target.key);
  if (operation.type === 'rerun' && !isMet) {
    return { isHit: true, problem: `${target.key} was not done again` };
  }
  return { isHit: true, problem: disagreement(endedRun(model), expected) };
}

/** Retry says no when nothing has failed, or somebody has meant the end. */
function refusedPair({ cell }: Pair, { run }: RunModel, code: string): PlayedPair {
  const isMeant = run.status === 'COMPLETED' || cell.operator === 'TERMINATE';
  if (cell.operation !== 'retry' || !isMeant) {
    return { isHit: false, problem: `${cell.operation} of a run ${run.status}: ${code}` };
  }
  return { isHit: cell.operator === 'TERMINATE', problem: null };
}

function operationOn(type: PairOperation, { key }: TaskRow): Operation {
  if (type === 'rerun') return { type, key, reason };
  if (type === 'restart' || type === 'retry') return { type, reason };
  throw new Error(`${type} resets nothing`);
}

/**
 * What has failed is tried again by itself: a join that was over with it is kept, with the rest of the flow. What the run
 * comes to then is a mixture that no fresh run comes to.
 */
function isMixed(
  { rows }: RunModel,
  before: ReadonlyMap<TaskKey, TaskRow>,
  done: ReadonlySet<string>,
): boolean {
  const redone = [...rows.values()].filter(({ key }) => done.has(key));
  const joins = redone.flatMap((row) => Object.keys(row.joins)).map((name) => taskKeyOf(name));
  return joins.some((join) => before.has(join) && before.get(join)?.rev === rows.get(join)?.rev);
}

/** The flow had gone on past a permissive failure, further than it would when the task ends the run now. */
function isForgivenAgain(
  before: ReadonlyMap<TaskKey, TaskRow>,
  done: ReadonlySet<string>,
): boolean {
  return [...before.values()].some(({ key, isPermissive }) => isPermissive && done.has(key));
}

function begin(
  { plan, generated, seed }: Pair,
  { script, model }: { readonly script: OutcomeScript; readonly model?: RunModel },
): RandomRun {
  const wildness = { hasPauses: false, hasTerminate: false };
  return new RandomRun({
    model: model ?? beginRun(plan, { input: generated.input, evaluate: doubled }),
    plan,
    script,
    observer: nobody,
    seed,
    wildness,
  });
}

/** So that there is something to be retried, after all else is done. */
function failingLast(script: OutcomeScript): OutcomeScript {
  return (key, attempt) =>
    key === LAST_REF ? { status: 'FAILED_WITH_TERMINAL_ERROR', output: {} } : script(key, attempt);
}

function targetIn({ plan, cell }: Pair, model: RunModel): TaskRow | undefined {
  const rows = visibleRows([...model.rows.values()]);
  // The row of a DYNAMIC task has the type that it was given.
  const typeOf = ({ ref, type }: TaskRow): string => plan.nodes.get(ref)?.type ?? type;
  return rows.find((row) => typeOf(row) === cell.operator && depthOf(plan, row) === cell.depth);
}

/** Tasks that a reset has begun anew, or reached for the first time. */
function doneAgain({ rows }: RunModel, before: ReadonlyMap<TaskKey, TaskRow>): ReadonlySet<string> {
  const anew = [...rows.values()].filter(
    ({ key, attempt }) => attempt > (before.get(key)?.attempt ?? 0),
  );
  return new Set<string>(anew.map(({ key }) => key));
}

function endedRun({ run, rows, data }: RunModel) {
  if (!isTerminalRun(run.status)) throw new Error(`run ${run.status} has not ended`);
  return {
    status: run.status,
    reason: run.reason,
    rows: visibleRows([...rows.values()]).map(asFresh),
    outputOf: (key: string) => data.get(`o:${key}`) ?? undefined,
    output: data.get('run:output') ?? undefined,
  };
}

/** With its attempts counted from when it was last begun anew. */
function asFresh({ attemptsBefore = 0, attempt, ...row }: TaskRow): TaskRow {
  return Object.assign(row, { attempt: attempt - attemptsBefore });
}
