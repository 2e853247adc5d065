import { isNeverRetried } from '../definition/operator-types.ts';
import { childTemplate } from '../definition/child-template.ts';
import { type WorkflowTask, workflowTaskSchema } from '../definition/workflow-task.ts';
import type { WorkflowDef } from '../definition/workflow-def.ts';
import { templateReads } from '../expressions/template.ts';
import { taskDefFor, type TaskDefs } from './default-task-def.ts';
import type { DynamicBranch, Frame, Plan, PlanNode } from './plan.ts';

/**
 * Makes a definition ready for decisions: linear in its tasks, recursion no deeper than they nest. Pure; the
 * definition must have passed `parseWorkflowDef`, and neither it nor the task definitions may change afterwards.
 */
export function compilePlan(definition: WorkflowDef, taskDefs: TaskDefs = new Map()): Plan {
  const compiler: Compiler = { taskDefs, nodes: new Map(), joins: new Map() };
  collectJoins(definition.tasks, compiler.joins);
  const first = compileSequence(compiler, definition.tasks, { kind: 'root' }) ?? '';
  return {
    definition,
    first,
    nodes: compiler.nodes,
    outputReads: templateReads(definition.outputParameters),
    dynamicNode: (branch) => dynamicNode(compiler, branch),
  };
}

interface Compiler {
  readonly taskDefs: TaskDefs;
  readonly nodes: Map<string, PlanNode>;
  /** The JOINs that name a reference. */
  readonly joins: Map<string, string[]>;
}

function collectJoins(tasks: readonly WorkflowTask[], joins: Map<string, string[]>): void {
  for (const task of tasks) {
    for (const ref of task.type === 'JOIN' ? new Set(task.joinOn) : []) {
      joins.set(ref, [...(joins.get(ref) ?? []), task.taskReferenceName]);
    }
    for (const inner of sequencesOf(task)) collectJoins(inner, joins);
  }
}

function sequencesOf(task: WorkflowTask): readonly (readonly WorkflowTask[])[] {
  return [...task.forkTasks, ...Object.values(task.decisionCases), task.defaultCase];
}

/** Compiles a sequence and answers its first reference. */
function compileSequence(
  compiler: Compiler,
  tasks: readonly WorkflowTask[],
  frame: Frame,
): string | null {
  for (const [index, task] of tasks.entries()) {
    const node = compileNode(compiler, task, frame);
    const before = tasks[index - 1];
    const after = tasks[index + 1];
    const isFork = task.type === 'FORK_JOIN' || task.type === 'FORK_JOIN_DYNAMIC';
    const isDynamicJoin = task.type === 'JOIN' && before?.type === 'FORK_JOIN_DYNAMIC';
    compiler.nodes.set(node.ref, {
      ...node,
      next: after?.taskReferenceName ?? null,
      isTail: after === undefined && frame.kind === 'branch',
      join: isFork && after?.type === 'JOIN' ? after.taskReferenceName : null,
      dynamicFork: isDynamicJoin ? before.taskReferenceName : null,
      ...compileInside(compiler, task),
    });
  }
  return tasks[0]?.taskReferenceName ?? null;
}

/** A task by itself, as if it were alone. */
function compileNode(compiler: Compiler, written: WorkflowTask, frame: Frame): PlanNode {
  const { retryCount: _unused, ...neverRetried } = written;
  const task = isNeverRetried(written.type) ? neverRetried : written;
  const ref = task.taskReferenceName;
  const taskDef = taskDefFor(task, compiler.taskDefs);
  const inputParameters = { ...taskDef.inputTemplate, ...task.inputParameters };
  const childParameters = childTemplate(task);
  return {
    ref,
    type: task.type,
    task,
    taskDef,
    next: null,
    frame,
    joins: compiler.joins.get(ref) ?? [],
    isTail: frame.kind === 'branch',
    inputParameters,
    childParameters,
    reads: templateReads([inputParameters, childParameters]),
    branches: [],
    cases: new Map(),
    defaultCase: null,
    join: null,
    dynamicFork: null,
    origin: null,
  };
}

function compileInside(
  compiler: Compiler,
  task: WorkflowTask,
): Pick<PlanNode, 'branches' | 'cases' | 'defaultCase'> {
  const ref = task.taskReferenceName;
  const cases = Object.entries(task.decisionCases).map(([name, tasks]): [string, string | null] => [
    name,
    compileSequence(compiler, tasks, { kind: 'case', switch: ref, case: name }),
  ]);
  return {
    branches: task.forkTasks.map((tasks, index) =>
      compileSequence(compiler, tasks, { kind: 'branch', fork: ref, index }),
    ),
    cases: new Map(cases),
    defaultCase: compileSequence(compiler, task.defaultCase, {
      kind: 'case',
      switch: ref,
      case: null,
    }),
  };
}

function dynamicNode(compiler: Compiler, { task, fork, index, width }: DynamicBranch): PlanNode {
  const frame: Frame = { kind: 'branch', fork, index };
  const node = compileNode(compiler, workflowTaskSchema.parse(task), frame);
  const join = compiler.nodes.get(fork)?.join ?? null;
  return {
    ...node,
    // What a dynamic branch brings is data: it was rendered with the fork and is not read as a template again.
    reads: [],
    joins: join === null ? [] : [join],
    joinWidth: width,
    origin: { fork, index },
  };
}
