import { parseCondition } from '../expressions/parse-condition.ts';
import { isJsonObject, type Json } from '../run/json.ts';
import { type DefinitionProblem, problemOf } from './definition-problem.ts';
import { sinkProblem } from './event-sink.ts';
import { unsupportedEvaluator } from './supported.ts';
import { parseWaitDuration, parseWaitUntil } from './wait-duration.ts';
import type { WorkflowTask } from './workflow-task.ts';

/** What each operator needs to be carried out; `at` is the path of the task. */
export function problemsOfRequirements(
  task: WorkflowTask,
  at: string,
): readonly DefinitionProblem[] {
  const check = CHECKS.get(task.type);
  return check === undefined ? [] : check(task, at);
}

type Check = (task: WorkflowTask, at: string) => readonly DefinitionProblem[];

const CHECKS: ReadonlyMap<string, Check> = new Map([
  ['DECISION', checkDecision],
  ['DO_WHILE', checkDoWhile],
  ['DYNAMIC', checkDynamic],
  ['EVENT', checkEvent],
  ['EXCLUSIVE_JOIN', checkExclusiveJoin],
  ['FORK_JOIN', checkFork],
  ['FORK_JOIN_DYNAMIC', checkDynamicFork],
  ['HTTP', checkHttp],
  ['JOIN', checkJoin],
  ['START_WORKFLOW', checkStartWorkflow],
  ['SUB_WORKFLOW', checkSubWorkflow],
  ['INLINE', checkInline],
  ['JSON_JQ_TRANSFORM', (task, at) => scriptProblems(task, at, 'queryExpression')],
  ['LAMBDA', (task, at) => scriptProblems(task, at, 'scriptExpression')],
  ['SWITCH', checkSwitch],
  ['TERMINATE', checkTerminate],
  ['WAIT', checkWait],
]);

// As many as an expansion was tested with.
const MAX_BRANCHES = 10_000;

function checkDecision(task: WorkflowTask, at: string): readonly DefinitionProblem[] {
  const problems: DefinitionProblem[] = [];
  if (((task.caseValueParam ?? '') || (task.caseExpression ?? '')) === '') {
    problems.push(required(task, at, 'caseValueParam or caseExpression', 'caseValueParam'));
  }
  if (Object.keys(task.decisionCases).length === 0) {
    problems.push(required(task, at, 'at least one of decisionCases', 'decisionCases'));
  }
  return problems;
}

function checkDynamic(task: WorkflowTask, at: string): readonly DefinitionProblem[] {
  const param = task.dynamicTaskNameParam ?? '';
  if (param === '') return [required(task, at, 'dynamicTaskNameParam')];
  if (Object.hasOwn(task.inputParameters, param)) return [];
  return [required(task, at, `inputParameters.${param}`)];
}

function checkEvent(task: WorkflowTask, at: string): readonly DefinitionProblem[] {
  const { sink = '' } = task;
  if (sink === '') return [required(task, at, 'sink')];
  const reason = sinkProblem(sink);
  if (reason === null) return [];
  const facts = { path: `${at}.sink`, feature: `sink ${sink}`, reason };
  return [problemOf('JN_DEF_UNSUPPORTED', facts, sink)];
}

function checkExclusiveJoin(task: WorkflowTask, at: string): readonly DefinitionProblem[] {
  return task.joinOn.length > 0 ? [] : [required(task, at, 'joinOn')];
}

function checkJoin(task: WorkflowTask, at: string): readonly DefinitionProblem[] {
  const { expression = '' } = task;
  if (expression.trim() !== '') {
    const reason = 'no script decides when a JOIN fires, in Conductor neither; use joinCount';
    const facts = { path: `${at}.expression`, feature: 'expression of a JOIN', reason };
    return [problemOf('JN_DEF_UNSUPPORTED', facts, expression)];
  }
  const width = task.joinOn.length;
  if (width === 0 || (task.joinCount ?? 0) <= width) return [];
  return [required(task, at, `joinCount of at most ${width}`, 'joinCount')];
}

function checkDoWhile(task: WorkflowTask, at: string): readonly DefinitionProblem[] {
  const { items = '', loopCondition = '', inputParameters, loopOver, type } = task;
  const hasItems = items.trim() !== '' || inputParameters['_items'] !== undefined;
  const problems: DefinitionProblem[] = [];
  if (loopOver.length === 0) problems.push(required(task, at, 'loopOver'));
  if (loopCondition.trim() === '') {
    const what = 'a loopCondition or items';
    return hasItems ? problems : [...problems, required(task, at, what, 'loopCondition')];
  }
  const parsed = parseCondition(loopCondition);
  if (parsed.ok) return problems;
  const { problem } = parsed;
  const facts = { path: `${at}.loopCondition`, type, ref: task.taskReferenceName, problem };
  return [...problems, problemOf('JN_DEF_CONDITION', facts, loopCondition)];
}

function checkFork(task: WorkflowTask, at: string): readonly DefinitionProblem[] {
  const width = task.forkTasks.length;
  if (width === 0) return [required(task, at, 'forkTasks')];
  if (width <= MAX_BRANCHES) return [];
  const facts = { path: `${at}.forkTasks`, what: 'number of branches', limit: MAX_BRANCHES };
  return [problemOf('JN_DEF_TOO_LARGE', facts, width)];
}

function checkDynamicFork(task: WorkflowTask, at: string): readonly DefinitionProblem[] {
  if (task.inputParameters['forkTaskInputs'] !== undefined) {
    const names = [task.inputParameters['forkTaskName'], task.inputParameters['forkTaskWorkflow']];
    const hasName = names.some((name) => name !== undefined);
    return hasName ? [] : [required(task, at, 'inputParameters.forkTaskName')];
  }
  const pair = ['dynamicForkTasksParam', 'dynamicForkTasksInputParamName'] as const;
  if ((task.dynamicForkJoinTasksParam ?? '') !== '') {
    const both = pair.find((member) => (task[member] ?? '') !== '');
    if (both === undefined) return [];
    return [required(task, at, `either dynamicForkJoinTasksParam or ${both}, not both`, both)];
  }
  const missing = pair.filter((member) => (task[member] ?? '') === '');
  return missing.map((member) =>
    required(task, at, `inputParameters.forkTaskInputs, or ${pair.join(' and ')}`, member),
  );
}

function checkHttp(task: WorkflowTask, at: string): readonly DefinitionProblem[] {
  const template = task.taskDefinition?.inputTemplate ?? {};
  const parameters = { ...template, ...task.inputParameters };
  if (parameters['http_request'] !== undefined || parameters['uri'] !== undefined) return [];
  // A registered task definition may hold it: it is not known here.
  if (task.taskDefinition === undefined && Object.keys(parameters).length === 0) return [];
  return [required(task, at, 'inputParameters.http_request, or uri')];
}

function checkSwitch(task: WorkflowTask, at: string): readonly DefinitionProblem[] {
  const { evaluatorType = '', expression = '' } = task;
  const problems: DefinitionProblem[] = [];
  if (evaluatorType === '') problems.push(required(task, at, 'evaluatorType'));
  else problems.push(...evaluatorProblems(`${at}.evaluatorType`, evaluatorType));
  if (expression === '') problems.push(required(task, at, 'expression'));
  if (Object.keys(task.decisionCases).length === 0) {
    problems.push(required(task, at, 'at least one of decisionCases', 'decisionCases'));
  }
  return problems;
}

function checkStartWorkflow(task: WorkflowTask, at: string): readonly DefinitionProblem[] {
  const request = task.inputParameters['startWorkflow'] ?? null;
  const isTemplate = typeof request === 'string' && request.startsWith('${');
  if (isTemplate || isJsonObject(request)) return [];
  return [required(task, at, 'inputParameters.startWorkflow')];
}

function checkSubWorkflow(task: WorkflowTask, at: string): readonly DefinitionProblem[] {
  const { name = '', workflowDefinition: definition } = task.subWorkflowParam ?? {};
  const what = 'subWorkflowParam with a name or a workflowDefinition';
  if (definition === undefined) {
    return name === '' ? [required(task, at, what, 'subWorkflowParam')] : [];
  }
  const isExpression = typeof definition === 'string' && /^\$\{.+\}$/s.test(definition);
  if (isExpression || isJsonObject(definition)) return [];
  const written = 'workflowDefinition to be a definition or one expression';
  return [required(task, at, written, 'subWorkflowParam.workflowDefinition')];
}

function evaluatorProblems(path: string, evaluatorType: Json): readonly DefinitionProblem[] {
  if (typeof evaluatorType !== 'string' || evaluatorType.includes('${')) return [];
  const reason = unsupportedEvaluator(evaluatorType);
  if (reason === null) return [];
  const facts = { path, feature: `evaluatorType ${evaluatorType}`, reason };
  return [problemOf('JN_DEF_UNSUPPORTED', facts, evaluatorType)];
}

function checkInline(task: WorkflowTask, at: string): readonly DefinitionProblem[] {
  const { evaluatorType = 'javascript' } = task.inputParameters;
  return [
    ...evaluatorProblems(`${at}.inputParameters.evaluatorType`, evaluatorType),
    ...scriptProblems(task, at, 'expression'),
  ];
}

function scriptProblems(
  task: WorkflowTask,
  at: string,
  member: string,
): readonly DefinitionProblem[] {
  const script = task.inputParameters[member];
  if (typeof script === 'string' && script.trim() !== '') return [];
  const template = task.taskDefinition?.inputTemplate[member];
  if (typeof template === 'string') return [];
  return [required(task, at, `inputParameters.${member}`)];
}

const END_STATUSES = ['COMPLETED', 'FAILED', 'TERMINATED'];

function checkTerminate(task: WorkflowTask, at: string): readonly DefinitionProblem[] {
  const problems: DefinitionProblem[] = [];
  const status = task.inputParameters['terminationStatus'];
  const isTemplate = typeof status === 'string' && status.startsWith('${');
  if (!isTemplate && !(typeof status === 'string' && END_STATUSES.includes(status))) {
    const what = `terminationStatus ${END_STATUSES.join(', ')}`;
    problems.push(required(task, at, what, 'inputParameters.terminationStatus'));
  }
  if (task.optional) problems.push(required(task, at, 'optional to be false', 'optional'));
  return problems;
}

function checkWait(
  { type, taskReferenceName, ...task }: WorkflowTask,
  at: string,
): readonly DefinitionProblem[] {
  const { duration = null, until = null } = task.inputParameters;
  if (duration !== null && until !== null) {
    const what = 'either duration or until, not both';
    const facts = { path: `${at}.inputParameters`, type, ref: taskReferenceName, what };
    return [problemOf('JN_DEF_REQUIRED', facts)];
  }
  return [
    ...checkTime(`${at}.inputParameters.duration`, duration, 'a duration', parseWaitDuration),
    ...checkTime(`${at}.inputParameters.until`, until, 'a moment', parseWaitUntil),
  ];
}

function checkTime(
  path: string,
  value: Json,
  expected: string,
  parse: (text: string) => number | null,
): readonly DefinitionProblem[] {
  if (value === null || (typeof value === 'string' && value.startsWith('${'))) return [];
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (parse(text) !== null) return [];
  return [problemOf('JN_DEF_WAIT_TIME', { path, value: text, expected }, value)];
}

function required(task: WorkflowTask, at: string, what: string, member = what): DefinitionProblem {
  const facts = { path: `${at}.${member}`, type: task.type, ref: task.taskReferenceName, what };
  return problemOf('JN_DEF_REQUIRED', facts);
}
