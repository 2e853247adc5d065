import type { Json } from '../run/json.ts';
import { templateReadsOf } from '../expressions/condition.ts';
import { parseCondition } from '../expressions/parse-condition.ts';
import { parseTemplate } from '../expressions/template.ts';
import type { Read } from '../expressions/text-expression.ts';
import { childTemplate } from './child-template.ts';
import { type DefinitionProblem, problemOf } from './definition-problem.ts';
import { groupRetryProblem } from './group-retry.ts';
import { canBeLimited, isOperatorType, refusalOfType } from './operator-types.ts';
import { referenceNameProblem } from './reference-name.ts';
import { parseStateListeners } from './state-change.ts';
import { unsupportedMembers, unsupportedRead } from './supported.ts';
import { problemsOfCompensation } from './validate-compensation.ts';
import { problemsOfTaskDef } from './task-def.ts';
import { problemsOfRequirements } from './task-requirements.ts';
import { problemsOfJoins } from './validate-joins.ts';
import { type Visit, walkTasks } from './walk-tasks.ts';
import type { WorkflowDef } from './workflow-def.ts';
import type { WorkflowTask } from './workflow-task.ts';

/** What is wrong with a definition of the right shape, in the order of its tasks. */
export function problemsOfWorkflow(definition: WorkflowDef): readonly DefinitionProblem[] {
  const visits = [...walkTasks([{ tasks: definition.tasks, path: 'tasks', depth: 1 }])];
  const scope = scopeOf(visits);
  return [
    ...unsupported('workflow', definition, ''),
    ...visits.flatMap((visit) => problemsOfTask(visit, scope)),
    ...problemsOfReferences(visits),
    ...problemsOfJoins(visits),
    ...problemsOfTemplate(definition.outputParameters, 'outputParameters', {
      ...scope,
      isOpen: scope.hasDynamicForks,
      isForWorkers: false,
    }),
  ];
}

// Each level of tasks is a frame that a decision loads; nobody draws more by hand.
const MAX_DEPTH = 32;

/** What the expressions of a definition may name. */
interface Scope {
  readonly refs: ReadonlySet<string>;
  readonly hasDynamicForks: boolean;
}

/** What one template may read. */
interface TemplateScope extends Scope {
  /** It may name what a dynamic fork makes. */
  readonly isOpen: boolean;
  readonly isForWorkers: boolean;
}

function scopeOf(visits: readonly Visit[]): Scope {
  return {
    refs: new Set(visits.map(({ task }) => task.taskReferenceName)),
    hasDynamicForks: visits.some(({ task }) => task.type === 'FORK_JOIN_DYNAMIC'),
  };
}

function problemsOfTask(visit: Visit, scope: Scope): readonly DefinitionProblem[] {
  const { task, path, depth } = visit;
  const refusal = refusalOfType(task.type);
  // One word about a type that is refused: what else it needs is of no use to the reader.
  if (refusal !== null) {
    const facts = { path: `${path}.type`, feature: `task type ${task.type}`, reason: refusal };
    return [problemOf('JN_DEF_UNSUPPORTED', facts, task.type)];
  }
  const tooDeep = { path, what: 'nesting of tasks', limit: MAX_DEPTH };
  const { taskDefinition } = task;
  // As in Conductor, tasks inside others may name what a dynamic fork will make; in the root sequence it is refused.
  const isOpen = scope.hasDynamicForks && depth > 1;
  const inputScope = { ...scope, isOpen, isForWorkers: !isOperatorType(task.type) };
  return [
    ...(depth > MAX_DEPTH ? [problemOf('JN_DEF_TOO_LARGE', tooDeep)] : []),
    ...unsupported('task', task, `${path}.`).filter(({ path: at }) => isRefused(visit, at)),
    ...problemsOfRequirements(task, path),
    ...problemsOfCompensation(visit),
    ...problemsOfTemplate(task.concurrencyKey ?? '', `${path}.concurrencyKey`, {
      ...inputScope,
      isForWorkers: false,
    }),
    ...problemsOfTemplate(task.circuitTarget ?? '', `${path}.circuitTarget`, {
      ...inputScope,
      isForWorkers: false,
    }),
    ...problemsOfLimits(task, path, 'concurrencyKey'),
    ...problemsOfLimits(task, path, 'circuitTarget'),
    ...problemsOfGroup(task, path),
    ...problemsOfTemplate(task.inputParameters, `${path}.inputParameters`, inputScope),
    ...problemsOfTemplate(task.items ?? '', `${path}.items`, inputScope),
    ...problemsOfTemplate(task.sink ?? '', `${path}.sink`, inputScope),
    ...problemsOfCondition(task, path, inputScope),
    ...problemsOfTemplate(childTemplate(task), `${path}.subWorkflowParam`, inputScope),
    ...problemsOfListeners(task, path, { ...inputScope, isForWorkers: false }),
    ...(taskDefinition === undefined
      ? []
      : problemsOfTaskDef(taskDefinition, `${path}.taskDefinition.`)),
  ];
}

function problemsOfGroup(task: WorkflowTask, path: string): readonly DefinitionProblem[] {
  const reason = groupRetryProblem(task);
  if (reason === null) return [];
  const facts = { path: `${path}.retryPolicy`, feature: 'retryPolicy', reason };
  return [problemOf('JN_DEF_UNSUPPORTED', facts)];
}

function problemsOfListeners(
  { onStateChange }: WorkflowTask,
  path: string,
  scope: TemplateScope,
): readonly DefinitionProblem[] {
  const at = `${path}.onStateChange`;
  const parsed = parseStateListeners(onStateChange);
  if (parsed.ok) {
    return parsed.listeners.flatMap(({ state, payload }) =>
      problemsOfTemplate(payload, `${at}.${state}`, scope),
    );
  }
  const facts = { path: `${at}.${parsed.place}`, feature: 'onStateChange', reason: parsed.problem };
  return [problemOf('JN_DEF_UNSUPPORTED', facts)];
}

/** Only what workers carry out is limited. */
function problemsOfLimits(
  task: WorkflowTask,
  path: string,
  feature: 'concurrencyKey' | 'circuitTarget',
): readonly DefinitionProblem[] {
  const { type, [feature]: written } = task;
  if (written === undefined || canBeLimited(type)) return [];
  const facts = { path: `${path}.${feature}`, feature };
  const reason = `a ${type} is no worker's task; limit the tasks inside it`;
  return [problemOf('JN_DEF_UNSUPPORTED', { ...facts, reason }, written)];
}

/** What the `${…}` of a loop's condition name. */
function problemsOfCondition(
  { loopCondition = '' }: WorkflowTask,
  path: string,
  scope: TemplateScope,
): readonly DefinitionProblem[] {
  const parsed = parseCondition(loopCondition);
  if (!parsed.ok) return [];
  const reads = templateReadsOf(parsed.condition);
  return reads.flatMap((read) => problemsOfRead(read, `${path}.loopCondition`, scope));
}

// Conductor ignores asyncComplete on what workers run, where completing later is a matter of course.
function isRefused({ task, path }: Visit, at: string): boolean {
  return at !== `${path}.asyncComplete` || (isOperatorType(task.type) && task.type !== 'EVENT');
}

function unsupported(
  level: 'workflow' | 'task',
  part: object,
  at: string,
): readonly DefinitionProblem[] {
  return unsupportedMembers(level, part).map(({ member, reason }) =>
    problemOf('JN_DEF_UNSUPPORTED', { path: at + member, feature: member, reason }),
  );
}

function problemsOfReferences(visits: readonly Visit[]): readonly DefinitionProblem[] {
  const seen = new Set<string>();
  const problems: DefinitionProblem[] = [];
  for (const { task, path: at } of visits) {
    const ref = task.taskReferenceName;
    const path = `${at}.taskReferenceName`;
    const problem = referenceNameProblem(ref);
    if (problem !== null) problems.push(problemOf('JN_DEF_REF_NAME', { path, ref, problem }, ref));
    if (seen.has(ref)) problems.push(problemOf('JN_DEF_DUPLICATE_REF', { path, ref }, ref));
    seen.add(ref);
  }
  return problems;
}

function problemsOfTemplate(
  template: Json,
  at: string,
  scope: TemplateScope,
): readonly DefinitionProblem[] {
  const parsed = parseTemplate(template);
  if (!parsed.ok) {
    const { expression, problem, place } = parsed;
    const path = at + place;
    return [problemOf('JN_DEF_EXPRESSION', { path, expression, problem }, expression)];
  }
  return parsed.template.reads.flatMap((read) => problemsOfRead(read, at, scope));
}

function problemsOfRead(
  { root, path: members }: Read,
  at: string,
  scope: TemplateScope,
): readonly DefinitionProblem[] {
  const expression = `\${${[root, ...members].join('.')}}`;
  if (root === 'workflow') {
    const reason = unsupportedRead(members, scope.isForWorkers);
    if (reason === null) return [];
    return [problemOf('JN_DEF_UNSUPPORTED', { path: at, feature: expression, reason }, expression)];
  }
  if (root === 'CPEWF_TASK_ID' || scope.refs.has(root) || scope.isOpen) return [];
  return [problemOf('JN_DEF_UNKNOWN_REF', { path: at, expression, ref: root }, expression)];
}
