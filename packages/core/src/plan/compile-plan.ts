import { isNeverRetried } from '../definition/operator-types.ts';
import { groupRetriesOf } from '../definition/group-retry.ts';
import { childTemplate } from '../definition/child-template.ts';
import { type WorkflowTask, workflowTaskSchema } from '../definition/workflow-task.ts';
import type { WorkflowDef } from '../definition/workflow-def.ts';
import { checksOutput } from '../decide/attempts/check-schema.ts';
import { parseStateListeners, type StateListener } from '../definition/state-change.ts';
import type { Condition } from '../expressions/condition.ts';
import { parseCondition } from '../expressions/parse-condition.ts';
import { templateReads } from '../expressions/template.ts';
import { taskDefFor, type TaskDefs } from './default-task-def.ts';
import { iterationsOf, refOf, taskKeyOf } from '../run/ids.ts';
import type { DynamicBranch, Frame, Plan, PlanNode } from './plan.ts';

/**
 * Makes a definition ready for decisions: linear in its tasks, recursion no deeper than they nest. Pure; the
 * definition must have passed `parseWorkflowDef`, and neither it nor the task definitions may change afterwards.
 */
export function compilePlan(definition: WorkflowDef, taskDefs: TaskDefs = new Map()): Plan {
  const compiler: Compiler = { taskDefs, nodes: new Map(), joins: new Map() };
  collectJoins(definition.tasks, compiler.joins);
  const first = compileSequence(compiler, definition.tasks, ROOT) ?? '';
  return {
    definition,
    first,
    nodes: compiler.nodes,
    hasListeners: [...compiler.nodes.values()].some(({ listeners }) => listeners.length > 0),
    outputReads: templateReads(definition.outputParameters),
    dynamicNode: (branch) => dynamicNode(compiler, branch),
  };
}

/** A sequence: where it stands, and in which loops. */
interface Spot {
  readonly frame: Frame;
  readonly loops: readonly string[];
}

const ROOT: Spot = { frame: { kind: 'root' }, loops: [] };

interface Compiler {
  readonly taskDefs: TaskDefs;
  readonly nodes: Map<string, PlanNode>;
  /** The JOINs that name a reference. */
  readonly joins: Map<string, string[]>;
}

function collectJoins(tasks: readonly WorkflowTask[], joins: Map<string, string[]>): void {
  for (const task of tasks) {
    for (const ref of refsJoinedBy(task)) {
      joins.set(ref, [...(joins.get(ref) ?? []), task.taskReferenceName]);
    }
    for (const inner of sequencesOf(task)) collectJoins(inner, joins);
  }
}

/** What a join of either kind waits for, each once. */
function refsJoinedBy({
  type,
  joinOn,
  defaultExclusiveJoinTask,
}: WorkflowTask): ReadonlySet<string> {
  if (type === 'EXCLUSIVE_JOIN') return new Set([...joinOn, ...defaultExclusiveJoinTask]);
  return new Set(type === 'JOIN' ? joinOn : []);
}

function sequencesOf(task: WorkflowTask): readonly (readonly WorkflowTask[])[] {
  const { forkTasks, decisionCases, defaultCase, loopOver } = task;
  return [...forkTasks, ...Object.values(decisionCases), defaultCase, loopOver];
}

/** Compiles a sequence and answers its first reference. */
function compileSequence(
  compiler: Compiler,
  tasks: readonly WorkflowTask[],
  spot: Spot,
): string | null {
  for (const [index, task] of tasks.entries()) {
    const node = compileNode(compiler, task, spot);
    const before = tasks[index - 1];
    const after = tasks[index + 1];
    const isFork = task.type === 'FORK_JOIN' || task.type === 'FORK_JOIN_DYNAMIC';
    const isDynamicJoin = task.type === 'JOIN' && before?.type === 'FORK_JOIN_DYNAMIC';
    compiler.nodes.set(node.ref, {
      ...node,
      next: after?.taskReferenceName ?? null,
      isTail: after === undefined && spot.frame.kind === 'branch' && !isLookedAt(node),
      join: isFork && after?.type === 'JOIN' ? after.taskReferenceName : null,
      dynamicFork: isDynamicJoin ? before.taskReferenceName : null,
      ...compileInside(compiler, task, spot.loops),
    });
    if (task.compensate === undefined) continue;
    const frame: Frame = { kind: 'compensation', of: node.ref };
    compileSequence(compiler, [task.compensate], { frame, loops: spot.loops });
  }
  return tasks[0]?.taskReferenceName ?? null;
}

/** Somebody must decide upon its success, even when nothing follows from it. */
function isLookedAt(node: PlanNode): boolean {
  return checksOutput(node) || node.listeners.length > 0;
}

/** A task by itself, as if it were alone. */
function compileNode(compiler: Compiler, written: WorkflowTask, { frame, loops }: Spot): PlanNode {
  const { retryCount: _count, retryPolicy: _policy, ...neverRetried } = written;
  const isGroup = groupRetriesOf(written) > 0;
  const task: WorkflowTask = isNeverRetried(written.type) && !isGroup ? neverRetried : written;
  const ref = task.taskReferenceName;
  const taskDef = { ...taskDefFor(task, compiler.taskDefs), ...task.retryPolicy };
  const inputParameters = { ...taskDef.inputTemplate, ...task.inputParameters };
  const childParameters = childTemplate(task);
  return {
    ref,
    key: taskKeyOf(ref),
    loops,
    iterations: [],
    type: task.type,
    task,
    taskDef,
    next: null,
    frame,
    joins: compiler.joins.get(ref) ?? [],
    isTail: frame.kind === 'branch',
    inputParameters,
    childParameters,
    reads: templateReads([
      inputParameters,
      childParameters,
      task.items ?? '',
      task.sink ?? '',
      task.concurrencyKey ?? '',
      task.circuitTarget ?? '',
    ]),
    branches: [],
    cases: new Map(),
    defaultCase: null,
    body: null,
    condition: conditionOf(task),
    listeners: listenersOf(task),
    join: null,
    dynamicFork: null,
    compensation: task.compensate?.taskReferenceName ?? null,
    origin: null,
  };
}

/** That they can be read was seen when the definition was parsed. */
function listenersOf({ onStateChange }: WorkflowTask): readonly StateListener[] {
  const parsed = parseStateListeners(onStateChange);
  return parsed.ok ? parsed.listeners : [];
}

/** The condition of a loop; that it can be read was seen when the definition was parsed. */
function conditionOf({ loopCondition = '' }: WorkflowTask): Condition | null {
  const parsed = loopCondition.trim() === '' ? null : parseCondition(loopCondition);
  return parsed?.ok === true ? parsed.condition : null;
}

function compileInside(
  compiler: Compiler,
  task: WorkflowTask,
  loops: readonly string[],
): Pick<PlanNode, 'branches' | 'cases' | 'defaultCase' | 'body'> {
  const ref = task.taskReferenceName;
  const inside = (tasks: readonly WorkflowTask[], frame: Frame): string | null =>
    compileSequence(compiler, tasks, { frame, loops });
  const cases = Object.entries(task.decisionCases).map(([name, tasks]): [string, string | null] => [
    name,
    inside(tasks, { kind: 'case', switch: ref, case: name }),
  ]);
  return {
    branches: task.forkTasks.map((tasks, index) =>
      inside(tasks, { kind: 'branch', fork: ref, index }),
    ),
    cases: new Map(cases),
    defaultCase: inside(task.defaultCase, { kind: 'case', switch: ref, case: null }),
    body: compileSequence(compiler, task.loopOver, {
      frame: { kind: 'body', loop: ref },
      loops: [...loops, ref],
    }),
  };
}

function dynamicNode(compiler: Compiler, branch: DynamicBranch): PlanNode {
  const { task, fork, index, width, isSliding = false } = branch;
  const { loops = [], join = null } = compiler.nodes.get(refOf(fork)) ?? {};
  const frame: Frame = { kind: 'branch', fork: refOf(fork), index };
  const node = compileNode(compiler, workflowTaskSchema.parse(task), { frame, loops });
  const iterations = iterationsOf(fork);
  return {
    ...node,
    iterations,
    key: taskKeyOf(node.ref, iterations),
    isTail: !isSliding && !isLookedAt(node),
    // What a dynamic branch brings is data: it was rendered with the fork and is not read as a template again.
    reads: [],
    joins: join === null ? [] : [join],
    joinWidth: width,
    origin: { fork, index },
  };
}
