import {
  compilePlan,
  isTerminalTask,
  parseTaskDef,
  parseWorkflowDef,
  taskKeyOf,
  type DataField,
  type DecideEvent,
  type Decision,
  type Domains,
  type HistoryEvent,
  type Json,
  type JsonObject,
  type Operation,
  type PlainOperation,
  type Plan,
  type OutcomeStatus,
  type ParentLink,
  type RepairKind,
  type StrayChild,
  type TaskRow,
} from '@joinery/core';
import { ask, beginRun, type Evaluate } from './drive-run.ts';
import { type RunModel } from './run-model.ts';

/** A run that a test leads by hand: every verb is followed by all decisions that it calls for. */
export class Flow {
  readonly plan: Plan;
  readonly model: RunModel;
  /** Requests for more, one number per decision. */
  readonly requests: number[] = [];
  readonly repairs: RepairKind[] = [];

  private readonly evaluate: Evaluate | undefined;

  constructor(plan: Plan, model: RunModel, evaluate?: Evaluate) {
    this.plan = plan;
    this.evaluate = evaluate;
    this.model = model;
  }

  /** Claim and complete. */
  finish(ref: string, output: Json = {}): this {
    return this.end(ref, { status: 'COMPLETED', output });
  }

  fail(ref: string, reason = 'no luck', output: Json = {}): this {
    return this.end(ref, { status: 'FAILED', reason, output });
  }

  failForGood(ref: string, reason = 'hopeless'): this {
    return this.end(ref, { status: 'FAILED_WITH_TERMINAL_ERROR', reason });
  }

  claim(ref: string): this {
    const isClaimed = this.model.claim(taskKeyOf(ref), `token of ${ref}`);
    if (!isClaimed) throw new Error(`${ref} cannot be claimed: ${this.row(ref)?.status}`);
    return this.settle();
  }

  /** The run of an open attempt ends, and its parent is told. */
  endChild(ref: string, status: OutcomeStatus, output: Json = {}): this {
    this.report(ref, { status, output, reason: `child ${status}` });
    return this.settle();
  }

  /** Store results without deciding, so that several are settled together. */
  store(ref: string, status: 'COMPLETED' | 'FAILED' = 'COMPLETED'): this {
    this.model.claim(taskKeyOf(ref), 'token');
    this.report(ref, { status });
    return this;
  }

  /** Let time pass, then decide on what is due. */
  pass(ms: number): this {
    this.model.now += ms;
    return this.settle();
  }

  /** Asks for an operation, and decides whatever follows from it; a refusal is answered with its code. */
  operate(asked: PlainOperation['type'] | Operation, reason = 'because'): string | null {
    const refused = this.begin(typeof asked === 'string' ? { type: asked, reason } : asked);
    if (refused === null) this.settle();
    return refused;
  }

  /** The operation's own decision alone. */
  begin(operation: Operation): string | null {
    const event: DecideEvent = { type: 'operation', operation };
    const answer = ask(this.model, { plan: this.plan, slice: this.model.minimalSlice(), event });
    if ('code' in answer) return answer.code;
    this.commit(answer);
    return null;
  }

  /** A full evaluation, and whatever follows from it. */
  reconcile(strays: Readonly<Record<string, StrayChild>> = {}): readonly RepairKind[] {
    const found = Object.entries(strays).map(([ref, stray]) => [taskKeyOf(ref), stray] as const);
    const slice = { ...this.model.wholeSlice(), strays: new Map(found) };
    const answer = ask(this.model, { plan: this.plan, slice });
    if ('code' in answer) throw new Error('a look was refused');
    this.commit(answer);
    this.settle();
    return answer.decision.repairs;
  }

  /** Decide until nothing calls for it. */
  settle(): this {
    for (let decisions = 0; this.model.wantsDecision; decisions += 1) {
      if (decisions > 5_000) throw new Error('the run is never done deciding');
      this.decideOnce();
    }
    return this;
  }

  decideOnce(): Decision {
    const answer = ask(this.model, {
      plan: this.plan,
      slice: this.model.minimalSlice(),
      ...(this.evaluate !== undefined && { evaluate: this.evaluate }),
    });
    if ('code' in answer) throw new Error('a look was refused');
    this.requests.push(answer.requests);
    this.commit(answer);
    return answer.decision;
  }

  row(ref: string): TaskRow | undefined {
    return this.model.rows.get(taskKeyOf(ref));
  }

  /** Status of every row by its key, in order of creation. */
  get statuses(): Readonly<Record<string, string>> {
    const rows = [...this.model.rows.values()].toSorted((a, b) => a.seq - b.seq);
    return Object.fromEntries(rows.map((row) => [row.key, row.status]));
  }

  get status(): string {
    return this.model.run.status;
  }

  get reason(): string {
    return this.model.run.reason;
  }

  data(field: DataField): Json | undefined {
    return this.model.data.get(field);
  }

  /** Refs of the tasks that wait for a worker. */
  get waiting(): readonly string[] {
    const letters = [...this.model.letters.values()];
    return letters.flatMap((letter) => (letter.type === 'dispatch' ? letter.ref : []));
  }

  /** Keys of the tasks that wait for a worker. */
  get keys(): readonly string[] {
    const letters = [...this.model.letters.values()];
    return letters.flatMap((letter) => (letter.type === 'dispatch' ? letter.key : []));
  }

  events<Type extends HistoryEvent['type']>(
    type: Type,
  ): readonly Extract<HistoryEvent, { type: Type }>[] {
    return this.model.history.filter(
      (event): event is Extract<HistoryEvent, { type: Type }> => event.type === type,
    );
  }

  private end(
    ref: string,
    result: {
      status: 'COMPLETED' | 'FAILED' | 'FAILED_WITH_TERMINAL_ERROR';
      output?: Json;
      reason?: string;
    },
  ): this {
    const row = this.row(ref);
    if (row?.status === 'SCHEDULED') this.claim(ref);
    this.report(ref, result);
    return this.settle();
  }

  private report(
    ref: string,
    result: Omit<Parameters<RunModel['complete']>[1], 'token' | 'attempt'>,
  ): void {
    const row = this.row(ref);
    if (row === undefined || isTerminalTask(row.status)) throw new Error(`${ref} is not open`);
    const { token, attempt } = row;
    this.model.complete(row.key, { ...result, token, attempt });
  }

  private commit({ decision }: { readonly decision: Decision }): void {
    this.repairs.push(...decision.repairs);
    if (!this.model.commit(decision, this.model.run.dirty)) throw new Error('refused by the rows');
  }
}

/** Start a run of these tasks. */
export function startFlow(
  tasks: readonly Json[],
  {
    input = {},
    workflow = {},
    taskDefs = [],
    at,
    parent,
    env = {},
    domains,
    evaluate,
  }: {
    readonly input?: JsonObject;
    readonly workflow?: JsonObject;
    readonly taskDefs?: readonly JsonObject[];
    readonly at?: number;
    readonly parent?: Omit<ParentLink, 'key'> & { readonly key: string };
    readonly env?: JsonObject;
    readonly domains?: Domains;
    readonly evaluate?: Evaluate;
  } = {},
): Flow {
  const definition = parseWorkflowDef({
    name: 'w',
    version: 1,
    schemaVersion: 2,
    tasks,
    ...workflow,
  });
  const parsed = taskDefs.map((each) => parseTaskDef(each));
  const plan = compilePlan(definition, new Map(parsed.map((each) => [each.name, each])));
  const link = parent === undefined ? null : { ...parent, key: taskKeyOf(parent.key) };
  const model = beginRun(plan, {
    input,
    env,
    domains,
    parent: link,
    ...(at !== undefined && { at }),
    ...(evaluate !== undefined && { evaluate }),
  });
  return new Flow(plan, model, evaluate).settle();
}

/** A worker task that is not retried, unless told otherwise. */
export function simple(ref: string, more: JsonObject = {}): JsonObject {
  return { name: ref, taskReferenceName: ref, type: 'SIMPLE', retryCount: 0, ...more };
}

/** An operator. */
export function operator(type: string, ref: string, more: JsonObject = {}): JsonObject {
  return { name: ref, taskReferenceName: ref, type, ...more };
}

/** A fork with its join, named `<ref>` and `<ref>_join`. */
export function fork(
  ref: string,
  forkTasks: readonly (readonly Json[])[],
  joinOn: readonly string[],
  more: JsonObject = {},
): readonly JsonObject[] {
  return [
    operator('FORK_JOIN', ref, { forkTasks }),
    operator('JOIN', `${ref}_join`, { joinOn, ...more }),
  ];
}

/** A switch over a literal or an expression. */
export function choose(
  ref: string,
  value: Json,
  decisionCases: Readonly<Record<string, readonly Json[]>>,
  defaultCase: readonly Json[] = [],
): JsonObject {
  return operator('SWITCH', ref, {
    evaluatorType: 'value-param',
    expression: 'value',
    inputParameters: { value },
    decisionCases,
    defaultCase,
  });
}
