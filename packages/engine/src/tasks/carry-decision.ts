/*
 * The fast path: what follows from a result is decided by whoever has the result, on what the claim has shown of the
 * run, and goes to the store together with it.
 * Ownership: none. Interface: carryDecision, before a result is stored; null = let a coordinator decide.
 * Invariants:
 *  F1 nothing is assumed that the store does not check: rows that are presumed to be absent are put by the decision,
 *     and `open` is presumed where the decision depends on it. All else that it reads changes by decisions alone.
 *  F2 no arrival at a join that is there is judged here: others arrive at the same time.
 *  F3 a result of an attempt that was delivered before carries nothing: if it is this evaluation that ends processes,
 *     the coordinators' watch over evaluations must see it.
 */
import {
  type Command,
  type DataField,
  type Decision,
  type Json,
  mergeSlice,
  type Needs,
  type Plan,
  type RunState,
  type Slice,
  type TaskKey,
} from '@joinery/core';
import { type CarriedDecision, type CompleteArgs } from '@joinery/store';
import { type ClaimedTask } from './claim-task.ts';
import { isDeterministic } from '../decisions/deterministic-error.ts';
import { type Engine } from '../engine.ts';
import { tryDecide } from '../decisions/try-decide.ts';

/** A decision that may go with a result. */
export interface Carried extends CarriedDecision {
  /** The run as it will be when the decision is applied, but for its version. */
  readonly after: RunState;
}

/** The result of a claimed task. */
type Result = Pick<CompleteArgs, 'status' | 'output' | 'reason'>;

/** Names what is absent, reads what is not, and has then all that one decision may ask for. */
const ROUNDS_LIMIT = 4;

/** Decides what follows from a success, as if it were stored; null when that is not to be known from here. */
export async function carryDecision(
  engine: Engine,
  claimed: ClaimedTask,
  result: Result,
): Promise<Carried | null> {
  if (!mayCarry(claimed, result)) return null;
  const found = await engine.plans.find(claimed.run.planId);
  if (found.type === 'missing' || readsEndTime(found.plan)) return null;
  try {
    const decision = await decideOn(engine, found.plan, sliceAfter(engine, claimed, result));
    return decision === null ? null : carriedOf(engine, claimed, decision);
  } catch (error) {
    // Whoever decides with the whole run at hand says what is wrong with it.
    if (!isDeterministic(error)) throw error;
    return null;
  }
}

function mayCarry({ run, row }: ClaimedTask, { status }: Result): boolean {
  const isAlone = !row.isTail && Object.keys(row.joins).length === 0;
  return status === 'COMPLETED' && isAlone && row.deliveries <= 1 && run.status === 'RUNNING';
}

/** When a task has ended only the store knows: where expressions ask for it, the result is stored first. */
function readsEndTime({ definition }: Plan): boolean {
  const known = readers.get(definition);
  if (known !== undefined) return known;
  const isReader = JSON.stringify(definition).includes('endTime');
  readers.set(definition, isReader);
  return isReader;
}

/** Derived once: plans live long. */
const readers = new WeakMap<Plan['definition'], boolean>();

function sliceAfter(engine: Engine, { run, row, aheadMs }: ClaimedTask, result: Result): Slice {
  const { key } = row;
  const at = engine.clock.now() - aheadMs;
  const done = { ...row, status: result.status, reason: result.reason, endedAt: at };
  return {
    run,
    rows: new Map([[key, done]]),
    data: new Map<DataField, Json>([[`o:${key}`, result.output]]),
    arrivals: new Map(),
    todo: [key],
    hasMoreTodo: false,
    due: [],
    openPage: null,
    whole: null,
    at,
  };
}

/** First as if all that is asked for were new, which the store checks where it matters; else on what is there. */
async function decideOn(engine: Engine, plan: Plan, slice: Slice): Promise<Decision | null> {
  const seed = engine.entropy.seed();
  const presuming = await decideWith(engine, { slice, plan, seed }, presumeAbsent);
  if (presuming !== null && presuming.absent.length === 0) return presuming;
  return decideWith(engine, { slice, plan, seed }, (needs) => readNeeds(engine, slice, needs));
}

type Supply = Pick<Slice, 'rows' | 'data' | 'arrivals'>;

async function decideWith(
  engine: Engine,
  { slice: loaded, plan, seed }: { slice: Slice; plan: Plan; seed: number },
  supply: (needs: Needs) => Supply | Promise<Supply | null> | null,
): Promise<Decision | null> {
  let slice = loaded;
  for (let round = 0; round < ROUNDS_LIMIT; round += 1) {
    const result = tryDecide(engine, { slice, plan, event: { type: 'look' }, seed });
    if (result.type === 'decision') return result.decision;
    if (result.type !== 'needs') return null;
    // A script may take seconds, for which the result must not wait.
    if (result.needs.evaluations !== undefined || result.needs.whole === true) return null;
    const more = await supply(result.needs);
    if (more === null || result.needs.arrivals.some((join) => hasRow(slice, more, join)))
      return null;
    slice = mergeSlice(slice, more);
  }
  return null;
}

function presumeAbsent({ rows, data, arrivals }: Needs): Supply | null {
  // What a run itself holds is there.
  if (data.some((field) => field.startsWith('run:'))) return null;
  return {
    rows: new Map(rows.map((key) => [key, null])),
    data: new Map(data.map((field) => [field, null])),
    arrivals: new Map(arrivals.map((join) => [join, 0])),
  };
}

function readNeeds(engine: Engine, { run }: Slice, needs: Needs): Promise<Supply | null> {
  return engine.store.read(run.id, needs);
}

/** The join is there, so that others arrive while we decide. */
function hasRow(slice: Slice, more: Supply, join: TaskKey): boolean {
  return (slice.rows.get(join) ?? more.rows.get(join) ?? null) !== null;
}

function carriedOf(engine: Engine, { run, row }: ClaimedTask, decision: Decision): Carried {
  const nextNonce = engine.entropy.randomId();
  const after = {
    ...patched(run, decision.commands),
    decision: run.decision + 1,
    nonce: nextNonce,
  };
  return {
    decision: run.decision,
    nonce: run.nonce,
    nextNonce,
    // Whether the run is done depends on what else is open; nothing else does.
    open: after.isRootDone ? run.open : null,
    hasMore: decision.hasMore,
    commands: decision.commands.map((command) => stampedByStore(command, row.key)),
    after,
  };
}

function patched(run: RunState, commands: readonly Command[]): RunState {
  const after: { -readonly [Field in keyof RunState]: RunState[Field] } = { ...run };
  for (const command of commands) {
    if (command.type === 'put-task') {
      after.open += Number(!command.row.isSettled) - Number(command.wasOpen);
    } else if (command.type === 'patch-run') Object.assign(after, command.patch);
  }
  return after;
}

/** The end of the task was a guess of this process. */
function stampedByStore(command: Command, key: TaskKey): Command {
  if (command.type !== 'put-task' || command.row.key !== key) return command;
  return { ...command, row: { ...command.row, endedAt: 0 } };
}
