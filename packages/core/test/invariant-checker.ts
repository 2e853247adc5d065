import {
  decide,
  isSuccessfulTask,
  iterationsOf,
  isTerminalRun,
  isTerminalTask,
  refOf,
  retryPolicyOf,
  taskKeyOf,
  type Command,
  type DecideEvent,
  type Plan,
  type TaskRow,
  type WorkflowTask,
} from '@joinery/core';
import {
  RUN_TRANSITIONS,
  TASK_TRANSITIONS,
  type RunPhase,
  type TaskEvent,
} from '../src/decide/transitions.ts';
import { ask, type Decided } from './drive-run.ts';
import { canonical, type Observer, type RandomRun } from './random-run.ts';
import { isDoneRow, type RunModel } from './run-model.ts';

/** The invariants of the decider that a random run can show to be broken. */
export const INVARIANTS = [
  'I1',
  'I2',
  'I3',
  'I4',
  'I5',
  'I6',
  'I7',
  'I8',
  'I9',
  'I10',
  'I11',
  'I12',
] as const;
export type Invariant = (typeof INVARIANTS)[number] | 'table' | 'healthy' | 'count';

type Put = Extract<Command, { type: 'put-task' }>;

// ROWS_PER_DECISION and the deepest nesting of a definition.
const PUT_LIMIT = 256 + 32;

/** Letters that make something begin. */
const BEGINS: ReadonlySet<string> = new Set(['dispatch', 'start-child', 'start-run']);

/** Watches random runs, counts what it has checked, and keeps the first breaches. */
export class InvariantChecker implements Observer {
  readonly checks = new Map<Invariant, number>();
  readonly breaches: { readonly invariant: Invariant; readonly what: string }[] = [];
  readonly runCells = new Map<string, number>();
  readonly taskCells = new Map<string, number>();
  readonly requests: number[] = [];
  private readonly before = new WeakMap<Plan, ReadonlyMap<string, Place>>();
  private phase: RunPhase = 'NONE';
  private prior: TaskRow[] = [];
  /** Costly checks are made on every n-th decision. */
  private readonly every: number;
  private turn = 0;

  constructor(every: number) {
    this.every = every;
  }

  deciding(run: RandomRun, decided: Decided, event: DecideEvent): void {
    const { model, plan } = run;
    this.phase = phaseOf(model);
    const puts = decided.decision.commands.filter((each): each is Put => each.type === 'put-task');
    this.prior = puts.flatMap(({ row }) => model.rows.get(row.key) ?? []);
    this.check('I4', puts.length <= PUT_LIMIT, () => `${puts.length} rows in one decision`);
    this.requests[decided.requests] = (this.requests[decided.requests] ?? 0) + 1;
    this.turn += 1;
    if (this.turn % this.every === 0) this.compareSlices(model, plan, event);
  }

  decided(run: RandomRun, { decision }: Decided, event: DecideEvent): void {
    const { model, plan } = run;
    this.countRun(event, phaseOf(model));
    const prior = new Map(this.prior.map((row) => [row.key, row]));
    for (const command of decision.commands) {
      if (command.type !== 'put-task') continue;
      const row = model.rows.get(command.row.key);
      if (row !== undefined) this.checkPut(model, plan, { before: prior.get(row.key), row });
    }
    this.checkQuiet(decision.commands);
    for (const command of decision.commands) {
      if (command.type === 'record' && command.event.type === 'join.fired')
        this.checkJoin(model, plan, command.event.key);
    }
    this.check(
      'healthy',
      decision.repairs.length === 0,
      () => `repairs ${decision.repairs.join()}`,
    );
    const open = model.openKeys().length;
    this.check('count', model.run.open === open, () => `open ${model.run.open} is ${open}`);
    if (isTerminalRun(model.run.status)) this.checkEnd(model);
    if (this.turn % this.every === 0) this.checkIdempotent(run);
  }

  refused(run: RandomRun, event: DecideEvent): void {
    this.phase = phaseOf(run.model);
    this.countRun(event, 'refused');
  }

  worked(on: 'claim' | 'result', before: TaskRow, after: TaskRow): void {
    if (after.rev !== before.rev) this.countTask(before.status, on, after.status);
  }

  /** A run was begun. */
  started(model: RunModel): void {
    this.phase = 'NONE';
    this.countRun({ type: 'start' }, phaseOf(model));
    for (const row of model.rows.values()) this.countTask('NONE', 'enter', row.status);
  }

  /** A run was played; it either ended or stands still. */
  played(run: RandomRun, hasEnded: boolean): void {
    this.check('I1', true, () => '');
    this.check(
      'I11',
      hasEnded,
      () =>
        `stands still after ${run.events}: ${JSON.stringify(run.model.run)} ${JSON.stringify([...run.model.rows.values()].filter((row) => !row.isSettled))}`,
    );
  }

  check(invariant: Invariant, isKept: boolean, what: () => string): void {
    this.checks.set(invariant, (this.checks.get(invariant) ?? 0) + 1);
    if (!isKept && this.breaches.length < 20) this.breaches.push({ invariant, what: what() });
  }

  private checkPut(
    model: RunModel,
    plan: Plan,
    { before, row }: { readonly before: TaskRow | undefined; readonly row: TaskRow },
  ): void {
    const event = taskEventOf(before, row);
    this.countTask(before?.status ?? 'NONE', event, row.status);
    if (before === undefined) this.checkEntered(model, plan, row);
    const isRetry = row.attempt !== (before?.attempt ?? 1);
    if (isRetry) {
      const kept = model.archived.get(`${row.key}@${row.attempt - 1}`);
      const isNext = row.attempt === (before?.attempt ?? 0) + 1;
      this.check(
        'I7',
        isNext && kept !== undefined && isTerminalTask(kept.status),
        () => `attempt ${row.attempt} of ${row.key}`,
      );
      const limit = this.retriesOf(model, plan, row) + 1;
      this.check(
        'I12',
        row.attempt <= limit,
        () => `attempt ${row.attempt} of ${limit} of ${row.key}`,
      );
    }
    const isOpening =
      !isTerminalTask(row.status) && (before === undefined || isRetry || event === 'dispatch');
    if (isOpening)
      this.check(
        'I8',
        this.phase === 'RUNNING' || this.phase === 'NONE',
        () => `${row.key} in ${this.phase}`,
      );
  }

  /** A run that is paused, closing or ended sends nothing. */
  private checkQuiet(commands: readonly Command[]): void {
    if (this.phase === 'RUNNING') return;
    const sent = commands.filter((each) => each.type === 'send' && BEGINS.has(each.letter.type));
    this.check('I8', sent.length === 0, () => `sends in ${this.phase}`);
  }

  private checkEntered(model: RunModel, plan: Plan, row: TaskRow): void {
    const place =
      row.origin === null
        ? this.placesOf(plan).get(row.ref)
        : { before: refOf(row.origin.fork), around: null, body: null };
    if (place === undefined) return this.check('I5', false, () => `${row.key} has no place`);
    const { before, around, body } = place;
    const iterations = iterationsOf(row.key);
    if (body !== null) return this.checkIteration(model, row, body);
    if (before !== null) {
      // The last page of a fork and its join are entered with the fork settled; earlier pages while it expands.
      const earlier = model.rows.get(taskKeyOf(before, iterations));
      const isDone =
        earlier !== undefined && isDoneRow(earlier) && (around === null || earlier.isSettled);
      this.check('I5', isDone, () => `${row.key} before ${before}`);
    }
    if (around !== null) {
      const outer = model.rows.get(taskKeyOf(around, iterations));
      this.check(
        'I5',
        outer !== undefined && isSuccessfulTask(outer.status),
        () => `${row.key} before ${around}`,
      );
    }
  }

  /** The first task of a body is entered when its loop has come to that iteration, and the one before is over. */
  private checkIteration(model: RunModel, row: TaskRow, { loop, last }: Body): void {
    const outer = iterationsOf(row.key).slice(0, -1);
    const around = model.rows.get(taskKeyOf(loop, outer));
    const isBegun = around !== undefined && around.cursor >= row.iteration;
    const earlier = model.rows.get(taskKeyOf(last, [...outer, row.iteration - 1]));
    const isOver = row.iteration === 1 || (earlier !== undefined && isDoneRow(earlier));
    this.check('I5', isBegun && isOver, () => `${row.key} before its iteration`);
  }

  private checkJoin(model: RunModel, plan: Plan, key: string): void {
    const fired = model.history.filter((each) => each.type === 'join.fired' && each.key === key);
    const join = taskKeyOf(key);
    const joinOn = plan.nodes.get(refOf(join))?.task.joinOn ?? [];
    const waiting = joinOn.filter((ref) => {
      const row = model.rows.get(taskKeyOf(ref, iterationsOf(join)));
      return row !== undefined && !isDoneRow(row);
    });
    const rows = joinOn.map((ref) => model.rows.get(taskKeyOf(ref, iterationsOf(join))));
    const completed = rows.filter((row) => row?.status === 'COMPLETED').length;
    const wanted = plan.nodes.get(refOf(join))?.task.joinCount ?? 0;
    const isEnough = wanted > 0 && completed >= wanted;
    this.check(
      'I6',
      fired.length === 1 && (waiting.length === 0 || isEnough),
      () => `${key} fired ${fired.length}, waits for ${waiting.join()}`,
    );
  }

  private checkEnd(model: RunModel): void {
    const ends = model.history.filter((each) => each.type === 'run.ended').length;
    const isLast = model.history.at(-1)?.type === 'run.ended';
    const dispatches = [...model.letters.values()].filter(({ type }) => type === 'dispatch');
    const rest = model.openKeys().length + model.todo.size + dispatches.length + model.run.open;
    this.check(
      'I9',
      ends === 1 && isLast && rest === 0,
      () => `ended ${ends} times, last ${isLast}, left ${rest}`,
    );
  }

  private checkIdempotent({ model, plan }: RandomRun): void {
    if (model.wantsDecision) return;
    for (const slice of [model.minimalSlice(), model.wholeSlice()]) {
      const again = ask(model, { plan, slice });
      const isEmpty = 'decision' in again && again.decision.isEmpty && !again.decision.hasMore;
      this.check('I3', isEmpty, () => `decides again ${JSON.stringify(again)}`);
    }
  }

  private compareSlices(model: RunModel, plan: Plan, event: DecideEvent): void {
    const [minimal, generous, whole] = [
      model.minimalSlice(),
      model.generousSlice(),
      model.wholeSlice(),
    ].map((each) => answerOf(model, { plan, slice: deepFreeze(each), event }));
    this.check(
      'I10',
      minimal?.text === generous?.text,
      () => `${minimal?.text}\n${generous?.text}`,
    );
    // A full evaluation compares the other rows too, and stops when it is full: then it has more.
    if (minimal !== undefined && !minimal.hasMore) {
      this.check('I10', minimal.text === whole?.text, () => `${minimal.text}\n${whole?.text}`);
    }
    const slice = deepFreeze(model.minimalSlice());
    const [once, twice] = [1, 2].map(() => JSON.stringify(decide({ slice, plan, event, seed: 3 })));
    this.check('I2', once === twice, () => `${once} ${twice}`);
  }

  private retriesOf(model: RunModel, plan: Plan, row: TaskRow): number {
    if (row.origin !== null) {
      const input = model.data.get(`i:${row.origin.fork}`);
      const list = branchesOf(input);
      return list[row.origin.index]?.retryCount ?? 0;
    }
    const node = plan.nodes.get(row.ref);
    return node === undefined ? 0 : retryPolicyOf(node.task, node.taskDef).retryCount;
  }

  private countRun(event: DecideEvent, to: RunPhase | 'refused'): void {
    const on = event.type === 'operation' ? event.operation.type : event.type;
    const cell = `${this.phase} ${on}`;
    this.runCells.set(cell, (this.runCells.get(cell) ?? 0) + 1);
    const allowed = RUN_TRANSITIONS.find((each) => each.from === this.phase && each.on === on);
    this.check('table', allowed?.to.includes(to) ?? false, () => `${cell} -> ${to}`);
  }

  private countTask(
    from: TaskRow['status'] | 'NONE',
    on: TaskEvent | 'unknown',
    to: TaskRow['status'],
  ): void {
    const cell = `${from} ${on}`;
    this.taskCells.set(cell, (this.taskCells.get(cell) ?? 0) + 1);
    const allowed = TASK_TRANSITIONS.find((each) => each.from === from && each.on === on);
    this.check('table', allowed?.to.includes(to) ?? false, () => `${cell} -> ${to}`);
  }

  private placesOf(plan: Plan): ReadonlyMap<string, Place> {
    const known = this.before.get(plan);
    if (known !== undefined) return known;
    const places = new Map<string, Place>();
    addPlaces(places, plan.definition.tasks);
    this.before.set(plan, places);
    return places;
  }
}

function answerOf(
  model: RunModel,
  input: Parameters<typeof ask>[1],
): { readonly text: string; readonly hasMore: boolean } {
  const answer = ask(model, input);
  if ('code' in answer) return { text: answer.code, hasMore: false };
  return { text: canonical(answer.decision), hasMore: answer.decision.hasMore };
}

/** The body of a loop, and the task that must be over before it begins again. */
interface Body {
  readonly loop: string;
  readonly last: string;
}

/** What must be over before a task is entered: the task before it, the fork or switch around it, or an iteration. */
interface Place {
  readonly before: string | null;
  readonly around: string | null;
  readonly body: Body | null;
}

function addPlaces(
  places: Map<string, Place>,
  tasks: readonly WorkflowTask[],
  { around = null, body = null }: Partial<Pick<Place, 'around' | 'body'>> = {},
): void {
  for (const [index, task] of tasks.entries()) {
    const before = tasks[index - 1]?.taskReferenceName ?? null;
    const first = { before, around, body };
    const ref = task.taskReferenceName;
    places.set(ref, before === null ? first : { before, around: null, body: null });
    const inside = [...task.forkTasks, ...Object.values(task.decisionCases), task.defaultCase];
    for (const each of inside) addPlaces(places, each, { around: ref });
    const last = task.loopOver.at(-1)?.taskReferenceName;
    if (last !== undefined) addPlaces(places, task.loopOver, { body: { loop: ref, last } });
  }
}

/** What has happened to a row that a decision has put. */
export function taskEventOf(before: TaskRow | undefined, after: TaskRow): TaskEvent | 'unknown' {
  if (before === undefined) return 'enter';
  if (after.attempt > before.attempt) return 'retry';
  if (!isTerminalTask(before.status)) {
    if (after.status === 'CANCELED') return 'cancel';
    if (after.status === 'TIMED_OUT') return 'time-out';
    if (isTerminalTask(after.status)) return 'wake';
    if (after.cursor > before.cursor) return 'iterate';
    const isHandedOver = after.dispatch === before.dispatch + 1 || after.token !== before.token;
    return isHandedOver ? 'dispatch' : 'unknown';
  }
  if (after.status !== before.status)
    return after.status === 'COMPLETED_WITH_ERRORS' ? 'forgive' : 'unknown';
  if (before.isSettled && after.cursor > before.cursor) return 'expand';
  if (after.isSettled) return 'settle';
  return after.cursor > before.cursor ? 'expand' : 'unknown';
}

function phaseOf({ run }: RunModel): RunPhase {
  return run.closing === null ? run.status : 'CLOSING';
}

function branchesOf(input: unknown): readonly WorkflowTask[] {
  if (typeof input !== 'object' || input === null || !('dynamicTasks' in input)) return [];
  const shared = 'shared' in input ? input.shared : {};
  const own: readonly object[] = Array.isArray(input.dynamicTasks) ? input.dynamicTasks : [];
  return own.map((task) => asTask({ ...asTask(shared), ...task }));
}

function asTask(fields: unknown): WorkflowTask;
function asTask(fields: unknown): unknown {
  return fields;
}

/** Nothing that the decider is given may be changed by it. */
export function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  const inner: Iterable<unknown> =
    value instanceof Map || value instanceof Set ? value.values() : Object.values(value);
  for (const each of inner) deepFreeze(each);
  return value;
}
