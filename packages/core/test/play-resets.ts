import {
  iterationsOf,
  parseWorkflowDef,
  randomFrom,
  taskKeyOf,
  visibleRows,
  type Operation,
  type Plan,
  type TaskRow,
} from '@joinery/core';
import {
  arbitraryDefinition,
  disagreement,
  expectedRun,
  outcomeScript,
  type GeneratedDefinition,
  type OutcomeScript,
} from '@joinery/testing';
import fc from 'fast-check';
import { ask, beginRun, planOf } from './drive-run.ts';
import { RandomRun, type Observer } from './random-run.ts';
import { type RunModel } from './run-model.ts';

/*
 * A run is played to its end, operated on, and played again. What a worker makes of an attempt depends on how often the
 * task was tried since it was last begun anew: so a reset run must come to what a fresh one comes to.
 */

/** What many resets have shown. */
export interface PlayedResets {
  readonly pairs: number;
  /** How often each operation met each operator at each depth. */
  readonly cells: ReadonlyMap<string, number>;
  readonly problems: readonly string[];
}

const ALWAYS_WELL: OutcomeScript = (ref, attempt) => ({
  status: 'COMPLETED',
  output: { ref, attempt },
});

const nobody: Observer = {
  deciding: () => undefined,
  decided: () => undefined,
  refused: () => undefined,
  worked: () => undefined,
};

/** Plays so many pairs of a definition and an operation. */
export function playResets({
  pairs,
  seed,
}: {
  readonly pairs: number;
  readonly seed: number;
}): PlayedResets {
  const definitions = Math.ceil(pairs / PAIRS_EACH);
  const options = { minTasks: 5, maxTasks: 9, hasSubWorkflows: true, hasRareOperators: true };
  const generated = fc.sample(arbitraryDefinition(options), { numRuns: definitions, seed });
  const cells = new Map<string, number>();
  const problems: string[] = [];
  for (const [index, each] of generated.entries()) {
    const plan = planOf(parseWorkflowDef(each.definition));
    for (let turn = 0; turn < PAIRS_EACH; turn += 1) {
      const pairSeed = Math.floor(randomFrom(seed ^ (index * 4_099 + turn)) * 0xffffffff);
      const problem = playPair(plan, each, { seed: pairSeed, turn, cells });
      if (problem === null || problems.length > 4) continue;
      problems.push(`${problem}\nseed ${pairSeed} of ${JSON.stringify(each)}`);
    }
  }
  return { pairs: definitions * PAIRS_EACH, cells, problems };
}

const PAIRS_EACH = 4;

function playPair(
  plan: Plan,
  { input }: GeneratedDefinition,
  {
    seed,
    turn,
    cells,
  }: { readonly seed: number; readonly turn: number; readonly cells: Map<string, number> },
): string | null {
  const script = outcomeScript(seed);
  const model = beginRun(plan, { input });
  if (!play(model, plan, { script, seed })) return 'the first run stands still';
  const rows = visibleRows([...model.rows.values()]);
  const rare = seed % 2 === 0 ? 'DO_WHILE' : 'FORK_JOIN_DYNAMIC';
  const wanted = turn === 3 ? rows.find(({ type }) => type === rare) : undefined;
  const target = wanted ?? pick(rows, seed);
  const operation = operationFor(turn, target);
  const answer = ask(model, {
    plan,
    slice: model.wholeSlice(),
    event: { type: 'operation', operation },
  });
  if ('code' in answer)
    return operation.type === 'retry' ? null : `${operation.type}: ${answer.code}`;
  count(plan, cells, { operation, rows, target });
  model.commit(answer.decision, model.run.dirty);
  const isRetry = operation.type === 'retry';
  const again = isRetry ? ALWAYS_WELL : script;
  if (!play(model, plan, { script: again, seed: seed ^ 5 })) {
    return `${operation.type} from ${target?.key}: stands still, ${JSON.stringify(model.run)}`;
  }
  const expected = expectedRun(plan.definition, input, again);
  const problem = isRetry ? retried(model, expected) : disagreement(endedRun(model), expected);
  return problem === null ? null : `${operation.type} from ${target?.key}: ${problem}`;
}

/** Any operator first, then any task of it: what is rare is rerun as often as what is not. */
function pick(rows: readonly TaskRow[], seed: number): TaskRow | undefined {
  const types = [...new Set(rows.map(({ type }) => type))];
  const type = types[Math.floor(randomFrom(seed ^ 77) * types.length)];
  const ofType = rows.filter((row) => row.type === type);
  return ofType[Math.floor(randomFrom(seed ^ 78) * ofType.length)];
}

function operationFor(turn: number, target: TaskRow | undefined): Operation {
  const reason = 'test';
  if (turn === 0) return { type: 'restart', reason };
  if (turn === 1) return { type: 'retry', reason };
  return { type: 'rerun', key: target?.key ?? taskKeyOf(''), reason };
}

function play(
  model: RunModel,
  plan: Plan,
  { script, seed }: { readonly script: OutcomeScript; readonly seed: number },
): boolean {
  const wildness = { hasPauses: false, hasTerminate: false };
  return new RandomRun({ model, plan, script, observer: nobody, seed, wildness }).play();
}

/**
 * Everything that could succeed has, and nothing was reached that could not be. What was forgiven is kept as it was, so
 * that a join that counts may still miss it.
 */
function retried(
  { run, rows }: RunModel,
  { statuses, tasks, isCutShort }: ReturnType<typeof expectedRun>,
): string | null {
  const shown = visibleRows([...rows.values()]);
  if (!statuses.has(run.status)) {
    const isForgiven = shown.some(({ status }) => status === 'COMPLETED_WITH_ERRORS');
    const isShort = isForgiven && run.reason.includes('tasks have completed');
    return isShort ? null : `the run is ${run.status}: ${run.reason}`;
  }
  const reached = new Set<string>(shown.map(({ key }) => key));
  const strange = [...reached].filter((key) => !tasks.has(key));
  const missing = isCutShort ? [] : [...tasks.keys()].filter((key) => !reached.has(key));
  return strange.length + missing.length === 0
    ? null
    : `strange ${strange.join()}, missing ${missing.join()}`;
}

function endedRun({ run, rows, data }: RunModel): Parameters<typeof disagreement>[0] {
  return {
    status: run.status,
    rows: visibleRows([...rows.values()]).map(asFresh),
    outputOf: (key: string) => data.get(`o:${key}`) ?? undefined,
    output: data.get('run:output') ?? undefined,
  };
}

/** With its attempts counted from when it was last begun anew. */
function asFresh({ attemptsBefore = 0, attempt, ...row }: TaskRow): TaskRow {
  return Object.assign(row, { attempt: attempt - attemptsBefore });
}

/** A rerun meets its target; a retry and a restart meet every task that is there. */
function count(
  plan: Plan,
  cells: Map<string, number>,
  {
    operation,
    rows,
    target,
  }: {
    readonly operation: Operation;
    readonly rows: readonly TaskRow[];
    readonly target: TaskRow | undefined;
  },
): void {
  const met = operation.type === 'rerun' ? [target] : rows;
  for (const row of met) {
    if (row === undefined) continue;
    const cell = `${operation.type} ${row.type} ${Math.min(3, depthOf(plan, row))}`;
    cells.set(cell, (cells.get(cell) ?? 0) + 1);
  }
}

/** How many forks, cases and bodies are around a task. */
export function depthOf(plan: Plan, { ref, key, origin }: TaskRow): number {
  if (origin !== null) {
    const fork = [...plan.nodes.values()].find((node) => node.ref === origin.fork.split('__')[0]);
    return 1 + (fork === undefined ? iterationsOf(key).length : framesAround(plan, fork.ref));
  }
  return framesAround(plan, ref);
}

function framesAround(plan: Plan, ref: string): number {
  let depth = 0;
  for (let frame = plan.nodes.get(ref)?.frame; frame !== undefined; depth += 1) {
    if (frame.kind === 'root' || frame.kind === 'compensation') return depth;
    const around =
      frame.kind === 'branch' ? frame.fork : frame.kind === 'case' ? frame.switch : frame.loop;
    frame = plan.nodes.get(around)?.frame;
  }
  return depth;
}
