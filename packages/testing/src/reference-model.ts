import {
  isJsonObject,
  type Json,
  type JsonObject,
  type TaskStatus,
  type WorkflowDef,
  type WorkflowTask,
} from '@joinery/core';
import { isChoice, switchValue, takenCase } from './reference-choice.ts';
import { childStatusOf, type OutcomeScript } from './definitions/outcome-script.ts';

/*
 * What a run must come to, computed from the tree of its definition alone: no events, no rows, no order. Slow and
 * plain on purpose, and written without a look at the decider, so that the two cannot share a mistake.
 */

/** What a task must come to, unless the run ends before. */
export interface ExpectedTask {
  readonly status: TaskStatus;
  readonly output: Json;
  readonly attempts: number;
  /** It ends the run: nothing follows from it. */
  readonly isEnd: boolean;
}

/** What a run must come to. */
export interface ExpectedRun {
  /** One status, unless several causes race to end the run. */
  readonly statuses: ReadonlySet<string>;
  /** Every task that can be reached; without a cause to end the run early, exactly those are. */
  readonly tasks: ReadonlyMap<string, ExpectedTask>;
  /** Something ends the run before its end: open tasks are canceled, and what they lead to is never reached. */
  readonly isCutShort: boolean;
  /** Meaningless when cut short. */
  readonly output: Json;
}

/**
 * The outcome of a run of this definition in which workers behave by the script. Children whose definition is known are
 * runs of it, whose workers are asked for under {@link childAddress}; of others the script says at once how they end.
 */
export function expectedRun(
  definition: WorkflowDef,
  input: JsonObject,
  script: OutcomeScript,
  children: ReadonlyMap<string, WorkflowDef> = new Map(),
): ExpectedRun {
  const fresh = { tasks: new Map(), ends: [], permissive: [], suffix: '' };
  const world: World = { input, script, children, ...fresh };
  evalSequence(world, definition.tasks);
  const isCutShort = world.ends.length > 0;
  const natural = world.permissive.length > 0 ? 'FAILED' : 'COMPLETED';
  return {
    statuses: new Set(isCutShort ? world.ends : [natural]),
    tasks: world.tasks,
    isCutShort,
    output: isCutShort ? {} : outputOf(world, definition.tasks.at(-1)),
  };
}

/** What the names of a child's tasks begin with, for scripts. */
export function childAddress(key: string, attempt: number): string {
  return `${key}.${attempt}/`;
}

interface World {
  readonly input: JsonObject;
  readonly script: OutcomeScript;
  readonly children: ReadonlyMap<string, WorkflowDef>;
  readonly tasks: Map<string, ExpectedTask>;
  /** Statuses with which tasks end the run. */
  readonly ends: string[];
  /** Permissive tasks that failed. */
  readonly permissive: string[];
  /** Iterations of the loops around what is looked at, as keys of tasks end with them. */
  readonly suffix: string;
}

/** False when the flow never comes to the end of the sequence. */
function evalSequence(world: World, tasks: readonly WorkflowTask[]): boolean {
  return tasks.every((task, index) => evalTask(world, task, tasks[index - 1]));
}

function evalTask(world: World, task: WorkflowTask, before: WorkflowTask | undefined): boolean {
  switch (task.type) {
    case 'SIMPLE':
    case 'DYNAMIC':
      return evalSimple(world, task);
    case 'SUB_WORKFLOW':
      return evalSubWorkflow(world, task);
    case 'FORK_JOIN':
      note(world, task, 'COMPLETED');
      for (const branch of task.forkTasks) evalSequence(world, branch);
      return true;
    case 'FORK_JOIN_DYNAMIC': {
      const branches = branchesOf(world, task);
      note(world, task, 'COMPLETED', { width: branches.length });
      for (const branch of branches) evalSimple(world, branch);
      return true;
    }
    case 'JOIN':
      return evalJoin(world, task, before);
    case 'SWITCH': {
      const value = switchValue(world.input, task);
      note(world, task, 'COMPLETED', { evaluationResult: [value], selectedCase: value });
      return evalSequence(world, takenCase(world.input, task));
    }
    case 'DO_WHILE':
      return evalLoop(world, task);
    case 'DECISION':
      note(world, task, 'COMPLETED', { caseOutput: [switchValue(world.input, task)] });
      return evalSequence(world, takenCase(world.input, task));
    case 'EXCLUSIVE_JOIN':
      return evalExclusiveJoin(world, task);
    case 'START_WORKFLOW':
      return note(world, task, 'COMPLETED', { workflowId: SOME_RUN });
    case 'INLINE':
      return note(world, task, 'COMPLETED', { result: 2 * Number(task.inputParameters['number']) });
    case 'TERMINATE': {
      const { terminationStatus, workflowOutput = {} } = task.inputParameters;
      const result = { status: 'COMPLETED', output: workflowOutput, attempts: 1 } as const;
      world.tasks.set(keyIn(world, task.taskReferenceName), { ...result, isEnd: true });
      world.ends.push(typeof terminationStatus === 'string' ? terminationStatus : '');
      return false;
    }
    default:
      return note(world, task, 'COMPLETED');
  }
}

/** The key of a task in the iterations that are looked at. */
function keyIn({ suffix }: World, ref: string): string {
  return ref + suffix;
}

function evalLoop(world: World, task: WorkflowTask): boolean {
  const { items } = task;
  const list = world.input[task.taskReferenceName];
  const times = Math.max(1, Number(task.inputParameters['times'] ?? 1));
  const count = items !== undefined && Array.isArray(list) ? list.length : times;
  note(world, task, 'IN_PROGRESS');
  const turns = Array.from({ length: count }, (_, i) => i + 1);
  const inside = (turn: number): World => ({ ...world, suffix: `${world.suffix}__${turn}` });
  if (!turns.every((turn) => evalSequence(inside(turn), task.loopOver))) return false;
  const outputs = turns.map((turn) => [turn, bodyOutputs(inside(turn), task.loopOver)] as const);
  const item = count > 0 && items !== undefined ? { loopItem: `item ${count - 1}` } : {};
  const index = count > 0 && items !== undefined ? { loopIndex: count - 1 } : {};
  const output = { iteration: count, ...item, ...index, ...Object.fromEntries(outputs) };
  return note(world, task, 'COMPLETED', output);
}

/** The outputs of a body's tasks at any depth; a loop inside has those of its own in its output. */
function bodyOutputs(world: World, tasks: readonly WorkflowTask[]): JsonObject {
  const entries = tasks.flatMap((task) => {
    const { taskReferenceName: ref } = task;
    const result = world.tasks.get(keyIn(world, ref));
    const own = result === undefined ? {} : { [ref]: result.output };
    return [own, ...sequencesIn(task).map((each) => bodyOutputs(world, each))];
  });
  return Object.assign({}, ...entries);
}

/** The forks' branches and the cases of a task; a loop's body is another iteration's matter. */
function sequencesIn(task: WorkflowTask): readonly (readonly WorkflowTask[])[] {
  return [...task.forkTasks, ...Object.values(task.decisionCases), task.defaultCase];
}

function evalSimple(world: World, task: WorkflowTask): boolean {
  const ref = keyIn(world, task.taskReferenceName);
  const limit = (task.retryCount ?? 0) + 1;
  let output: Json = {};
  for (let attempts = 1; attempts <= limit; attempts += 1) {
    const status = attemptStatus(world, task, attempts);
    if (status !== 'TIMED_OUT') ({ output } = world.script(ref, attempts));
    if (status === 'COMPLETED') return note(world, task, status, output, attempts);
    const isKill = task.taskDefinition?.timeoutPolicy === 'TIME_OUT_WF' && hasTimer(task);
    if (status === 'TIMED_OUT' && isKill) return end(world, task, status, output, attempts);
    const isLast = attempts === limit || status === 'FAILED_WITH_TERMINAL_ERROR';
    if (isLast) return fail(world, task, status, output, attempts);
  }
  throw new Error(`${ref} has no attempt`);
}

/** Each attempt is a run of its own; only what failed or timed out is tried again. */
function evalSubWorkflow(world: World, task: WorkflowTask): boolean {
  const limit = (task.retryCount ?? 0) + 1;
  for (let attempts = 1; ; attempts += 1) {
    const { status, output } = evalChild(world, task, attempts);
    if (status === 'COMPLETED') return note(world, task, status, output, attempts);
    if (attempts === limit || status === 'CANCELED') {
      return fail(world, task, status, output, attempts);
    }
  }
}

function evalChild(
  { script, children, suffix }: World,
  task: WorkflowTask,
  attempt: number,
): { readonly status: TaskStatus; readonly output: Json } {
  const key = task.taskReferenceName + suffix;
  const definition = children.get(String(task.subWorkflowParam?.name));
  if (definition === undefined) {
    const { status, output } = script(key, attempt);
    return { status: childStatusOf(status), output };
  }
  const inside = childAddress(key, attempt);
  const within: OutcomeScript = (ref, each) => script(inside + ref, each);
  const { statuses, output } = expectedRun(definition, {}, within, children);
  const [status = ''] = statuses;
  const named = { ...(isJsonObject(output) ? output : { output }), subWorkflowId: SOME_RUN };
  return { status: CHILD_STATUSES.get(status) ?? 'FAILED', output: named };
}

/** In place of ids of runs, which are chance: that an output has one makes it not empty. */
const SOME_RUN = 'some run';

const CHILD_STATUSES: ReadonlyMap<string, TaskStatus> = new Map([
  ['COMPLETED', 'COMPLETED'],
  ['TIMED_OUT', 'TIMED_OUT'],
  ['TERMINATED', 'CANCELED'],
]);

/** A silent worker is timed out by a timer that ends attempts; without one it answers late. */
function attemptStatus(world: World, task: WorkflowTask, attempt: number): TaskStatus {
  const { status } = world.script(keyIn(world, task.taskReferenceName), attempt);
  if (status !== 'SILENT') return status;
  const {
    responseTimeoutSeconds = 0,
    pollTimeoutSeconds = 0,
    timeoutPolicy,
  } = task.taskDefinition ?? {};
  const isEnded =
    responseTimeoutSeconds + pollTimeoutSeconds > 0 ||
    (hasTimer(task) && timeoutPolicy !== 'ALERT_ONLY');
  return isEnded ? 'TIMED_OUT' : 'COMPLETED';
}

function hasTimer(task: WorkflowTask): boolean {
  return (task.taskDefinition?.timeoutSeconds ?? 0) > 0;
}

function fail(
  world: World,
  task: WorkflowTask,
  ...[status, output, attempts]: [TaskStatus, Json, number]
): boolean {
  if (task.optional) return note(world, task, 'COMPLETED_WITH_ERRORS', output, attempts);
  if (!task.permissive) return end(world, task, status, output, attempts);
  world.permissive.push(task.taskReferenceName);
  return note(world, task, status, output, attempts);
}

/** The task ends the run. */
function end(
  world: World,
  task: WorkflowTask,
  ...[status, output, attempts]: [TaskStatus, Json, number]
): boolean {
  world.tasks.set(keyIn(world, task.taskReferenceName), { status, output, attempts, isEnd: true });
  world.ends.push(END_STATUSES.get(status) ?? 'FAILED');
  return false;
}

/** The task is over, and the flow goes on. */
function note(
  world: World,
  task: WorkflowTask,
  ...[status, output = {}, attempts = 1]: [TaskStatus, Json?, number?]
): boolean {
  world.tasks.set(keyIn(world, task.taskReferenceName), { status, output, attempts, isEnd: false });
  return true;
}

const END_STATUSES: ReadonlyMap<TaskStatus, string> = new Map([
  ['TIMED_OUT', 'TIMED_OUT'],
  ['CANCELED', 'TERMINATED'],
]);

function evalJoin(world: World, task: WorkflowTask, fork: WorkflowTask | undefined): boolean {
  const refs = joinedRefs(world, task, fork);
  if ((task.joinCount ?? 0) > 0) return evalCount(world, task, { refs, fork });
  if (!refs.every((ref) => isDoneWith(world, ref, fork))) {
    note(world, task, 'IN_PROGRESS');
    return false;
  }
  const statuses = refs.flatMap((ref) => world.tasks.get(keyIn(world, ref))?.status ?? []);
  const output = outputsOf(world, refs);
  const bad = statuses.filter((status) => BAD.has(status));
  if (bad.length > 0) {
    const isCanceled = bad.every((status) => status === 'CANCELED');
    return fail(world, task, isCanceled ? 'CANCELED' : 'FAILED', output, 1);
  }
  const hasErrors = statuses.includes('COMPLETED_WITH_ERRORS');
  return note(world, task, hasErrors ? 'COMPLETED_WITH_ERRORS' : 'COMPLETED', output);
}

/** A join of k: enough have completed, or all are over and it is too late. */
function evalCount(
  world: World,
  task: WorkflowTask,
  { refs, fork }: { readonly refs: readonly string[]; readonly fork: WorkflowTask | undefined },
): boolean {
  const statuses = refs.map((ref) => world.tasks.get(keyIn(world, ref))?.status);
  const completed = statuses.filter((status) => status === 'COMPLETED').length;
  const output = outputsOf(world, refs);
  if (completed >= Math.min(task.joinCount ?? 0, refs.length)) {
    return note(world, task, 'COMPLETED', output);
  }
  if (refs.every((ref) => isDoneWith(world, ref, fork))) {
    return fail(world, task, 'FAILED', output, 1);
  }
  note(world, task, 'IN_PROGRESS');
  return false;
}

function evalExclusiveJoin(world: World, task: WorkflowTask): boolean {
  const results = [...task.joinOn, ...task.defaultExclusiveJoinTask].map((ref) =>
    world.tasks.get(keyIn(world, ref)),
  );
  const first = results.find((result) => result !== undefined);
  if (first === undefined) return note(world, task, 'COMPLETED');
  if (BAD.has(first.status)) return fail(world, task, 'FAILED', first.output, 1);
  return note(world, task, 'COMPLETED', first.output);
}

const BAD: ReadonlySet<string> = new Set([
  'FAILED',
  'FAILED_WITH_TERMINAL_ERROR',
  'TIMED_OUT',
  'CANCELED',
]);

/** Over for good, or on a path that a switch has not taken. */
function isDoneWith(world: World, ref: string, fork: WorkflowTask | undefined): boolean {
  const result = world.tasks.get(keyIn(world, ref));
  if (result !== undefined) return result.status !== 'IN_PROGRESS' && !result.isEnd;
  return isRuledOut(world, fork?.forkTasks.flat() ?? [], ref);
}

function isRuledOut(world: World, tasks: readonly WorkflowTask[], ref: string): boolean {
  return tasks.some((task) => {
    const around = sequencesIn(task).find((sequence) => holds(sequence, ref));
    if (around === undefined) return false;
    if (isChoice(task) && world.tasks.has(keyIn(world, task.taskReferenceName))) {
      if (takenCase(world.input, task) !== around) return true;
    }
    return isRuledOut(world, around, ref);
  });
}

function holds(tasks: readonly WorkflowTask[], ref: string): boolean {
  return tasks.some(
    (task) =>
      task.taskReferenceName === ref || sequencesIn(task).some((inner) => holds(inner, ref)),
  );
}

function joinedRefs(
  world: World,
  join: WorkflowTask,
  fork: WorkflowTask | undefined,
): readonly string[] {
  if (fork?.type !== 'FORK_JOIN_DYNAMIC') return join.joinOn;
  return branchesOf(world, fork).map(({ taskReferenceName }) => taskReferenceName);
}

/** A join shows the outputs of what it has waited for; empty ones are left out. */
function outputsOf(world: World, refs: readonly string[]): JsonObject {
  const entries = refs.map(
    (ref) => [ref, world.tasks.get(keyIn(world, ref))?.output ?? {}] as const,
  );
  return Object.fromEntries(entries.filter(([, output]) => JSON.stringify(output) !== '{}'));
}

/** Generated dynamic forks find their branches in the run's input, under their own name. */
function branchesOf(world: World, fork: WorkflowTask): readonly WorkflowTask[] {
  const list = world.input[fork.taskReferenceName] ?? [];
  return asTasks(Array.isArray(list) ? list : []);
}

function asTasks(list: readonly Json[]): readonly WorkflowTask[];
function asTasks(list: unknown): unknown {
  return list;
}

/** A run's output is that of its last task; of a switch, that of the last task of the case that was taken. */
function outputOf(world: World, task: WorkflowTask | undefined): Json {
  const result = world.tasks.get(keyIn(world, task?.taskReferenceName ?? ''));
  if (task === undefined || result === undefined) return {};
  if (!isChoice(task)) return result.output;
  const taken = takenCase(world.input, task);
  return taken.length === 0 ? result.output : outputOf(world, taken.at(-1));
}
