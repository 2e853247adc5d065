import { parseTaskDef, type TaskDef } from '../definition/task-def.ts';
import type { WorkflowDef } from '../definition/workflow-def.ts';
import type { WorkflowTask } from '../definition/workflow-task.ts';
import { templateReads } from '../expressions/template.ts';
import type { Frame, Plan, PlanNode } from './plan.ts';

/** Task types that workers never see: they have no task definition of their own, and are not retried. */
const OPERATORS: ReadonlySet<string> = new Set([
  'FORK_JOIN',
  'FORK_JOIN_DYNAMIC',
  'JOIN',
  'NOOP',
  'SET_VARIABLE',
  'SWITCH',
  'TERMINATE',
  'WAIT',
]);

interface Level {
  readonly tasks: readonly WorkflowTask[];
  readonly frame: Frame;
}

/**
 * Make a definition ready for decisions. Linear in the number of tasks and without recursion, so that 10,000 branches
 * or a deep nest cost time but no stack. Presumes a valid definition.
 */
export function compilePlan(
  definition: WorkflowDef,
  taskDefs: ReadonlyMap<string, TaskDef>,
): Plan {
  const nodes = new Map<string, PlanNode>();
  const levels: Level[] = [{ tasks: definition.tasks, frame: { kind: 'root' } }];
  for (let level = levels.pop(); level !== undefined; level = levels.pop()) {
    for (const [index, task] of level.tasks.entries()) {
      nodes.set(task.taskReferenceName, nodeOf(level, index, taskDefs));
      levels.push(...levelsInside(task));
    }
  }
  linkJoins(nodes);
  return { definition, first: refOf(definition.tasks[0]) ?? '', nodes, taskDefs };
}

/** The definition of a task: embedded, registered, or Conductor's default (none for operators). */
export function taskDefOf(task: WorkflowTask, taskDefs: ReadonlyMap<string, TaskDef>): TaskDef {
  const known = task.taskDefinition ?? taskDefs.get(task.name);
  if (known !== undefined) return known;
  if (!OPERATORS.has(task.type)) return parseTaskDef({ name: task.name });
  return parseTaskDef({ name: task.name, retryCount: 0, responseTimeoutSeconds: 0 });
}

function nodeOf(
  { tasks, frame }: Level,
  index: number,
  taskDefs: ReadonlyMap<string, TaskDef>,
): PlanNode {
  const task = tasks[index] as WorkflowTask;
  const next = tasks[index + 1];
  const isFork = task.type === 'FORK_JOIN' || task.type === 'FORK_JOIN_DYNAMIC';
  const before = tasks[index - 1];
  return {
    ref: task.taskReferenceName,
    type: task.type,
    task,
    taskDef: taskDefOf(task, taskDefs),
    next: refOf(next),
    frame,
    joins: [],
    isTail: next === undefined && frame.kind === 'branch',
    reads: templateReads(task.inputParameters),
    branches: task.forkTasks.map((branch) => refOf(branch[0])),
    cases: new Map(
      Object.entries(task.decisionCases).map(([name, inside]) => [name, refOf(inside[0])]),
    ),
    defaultCase: refOf(task.defaultCase[0]),
    join: isFork ? refOf(next) : null,
    dynamicFork:
      task.type === 'JOIN' && before?.type === 'FORK_JOIN_DYNAMIC' ? refOf(before) : null,
    origin: null,
    joinWidth: null,
  };
}

function levelsInside(task: WorkflowTask): Level[] {
  const self = task.taskReferenceName;
  return [
    ...task.forkTasks.map((tasks, index): Level => ({
      tasks,
      frame: { kind: 'branch', fork: self, index },
    })),
    ...Object.entries(task.decisionCases).map(([name, tasks]): Level => ({
      tasks,
      frame: { kind: 'case', switch: self, name },
    })),
    { tasks: task.defaultCase, frame: { kind: 'case', switch: self, name: null } },
  ];
}

/** Tell every task which joins name it. */
function linkJoins(nodes: Map<string, PlanNode>): void {
  const joins = new Map<string, string[]>();
  for (const node of nodes.values()) {
    if (node.type !== 'JOIN') continue;
    for (const ref of new Set(node.task.joinOn)) {
      joins.set(ref, [...(joins.get(ref) ?? []), node.ref]);
    }
  }
  for (const [ref, names] of joins) {
    const node = nodes.get(ref);
    if (node !== undefined) nodes.set(ref, { ...node, joins: names });
  }
}

function refOf(task: WorkflowTask | undefined): string | null {
  return task?.taskReferenceName ?? null;
}
