import { parseWorkflowTask, type WorkflowTask } from '../../definition/workflow-task.ts';
import { isJsonObject, type Json, type JsonObject } from '../../run/json.ts';

/**
 * The branches that a dynamic fork's input names, in one of Conductor's three shapes, tried in this order:
 * a list of inputs for one task name (`forkTaskInputs`), a list of tasks with a map of their inputs, the older
 * `dynamicTasks`. A text says why there are none.
 */
export function dynamicTasksOf(fork: WorkflowTask, input: Json): readonly WorkflowTask[] | string {
  if (!isJsonObject(input)) return 'FORK_JOIN_DYNAMIC takes an object';
  const tasks = Array.isArray(input['forkTaskInputs'])
    ? fromInputs(fork, input, input['forkTaskInputs'] as readonly Json[])
    : fromLists(fork, input);
  if (typeof tasks === 'string') return tasks;
  const refs = new Set(tasks.map((task) => task.taskReferenceName));
  return refs.size === tasks.length ? tasks : 'two dynamic branches have the same reference name';
}

function fromInputs(
  fork: WorkflowTask,
  input: JsonObject,
  items: readonly Json[],
): WorkflowTask[] | string {
  const child = childOf(input);
  const name = child?.name ?? input['forkTaskName'];
  if (typeof name !== 'string' || name === '') return 'forkTaskName must be the name of a task';
  const type = typeof input['forkTaskType'] === 'string' ? input['forkTaskType'] : 'SIMPLE';
  return parsed(
    items.map((item, index) => ({
      name,
      ...(child === null ? { type } : { type: 'SUB_WORKFLOW', subWorkflowParam: child }),
      taskReferenceName: madeRef(`_${fork.taskReferenceName}_${name}_${index}`),
      optional: fork.optional,
      inputParameters: { ...(isJsonObject(item) ? item : { input: item }), __index: index },
    })),
  );
}

/** With `forkTaskWorkflow` each branch is a run of that definition (Conductor 3.30; there the version is a text). */
function childOf(input: JsonObject): { readonly name: string; readonly version?: number } | null {
  const { forkTaskWorkflow: name, forkTaskWorkflowVersion: version } = input;
  if (typeof name !== 'string' || name === '') return null;
  const number = Number(version ?? 0);
  return Number.isInteger(number) && number > 0 ? { name, version: number } : { name };
}

/** Reference names hold neither `__` (loops) nor `@` (attempts); names of forks and tasks may. */
function madeRef(text: string): string {
  return text.replaceAll(/_{2,}/g, '_').replaceAll('@', '-');
}

function fromLists(fork: WorkflowTask, input: JsonObject): WorkflowTask[] | string {
  const name = fork.dynamicForkJoinTasksParam ?? '';
  if (name === '') return fromPair(fork, input);
  const named = Object.hasOwn(input, name) ? (input[name] ?? null) : null;
  const list = isJsonObject(named) ? named['dynamicTasks'] : null;
  if (!Array.isArray(list)) return `'${name}' must hold a list 'dynamicTasks'`;
  return parsed((list as readonly Json[]).map((task) => fromOlder(task)));
}

/** Conductor's DynamicForkJoinTask. */
function fromOlder(task: Json): JsonObject {
  if (!isJsonObject(task)) return {};
  const { taskName, workflowName = null, referenceName, input = null, type = null } = task;
  const isRun = typeof workflowName === 'string' && workflowName !== '';
  return {
    name: taskName ?? workflowName,
    taskReferenceName: referenceName ?? null,
    ...(isRun
      ? { type: 'SUB_WORKFLOW', subWorkflowParam: { name: workflowName } }
      : { type: type ?? 'SIMPLE' }),
    inputParameters: isJsonObject(input) ? input : {},
  };
}

function fromPair(fork: WorkflowTask, input: JsonObject): WorkflowTask[] | string {
  const listName = fork.dynamicForkTasksParam ?? '';
  const inputsName = fork.dynamicForkTasksInputParamName ?? '';
  const inputs = (Object.hasOwn(input, inputsName) ? input[inputsName] : null) ?? {};
  const list = Object.hasOwn(input, listName) ? input[listName] : null;
  if (!Array.isArray(list)) return `'${listName}' must be a list of tasks`;
  if (!isJsonObject(inputs)) return `'${inputsName}' must map references to inputs`;
  return parsed((list as readonly Json[]).map((task) => withInput(task, inputs)));
}

/** The task's own parameters under those that the map has for its reference. */
function withInput(task: Json, inputs: JsonObject): JsonObject {
  if (!isJsonObject(task)) return {};
  const own = task['inputParameters'] ?? {};
  const ref = task['taskReferenceName'];
  const given = typeof ref === 'string' && Object.hasOwn(inputs, ref) ? (inputs[ref] ?? {}) : {};
  const inputParameters = {
    ...(isJsonObject(own) ? own : {}),
    ...(isJsonObject(given) ? given : { input: given }),
  };
  return { ...task, inputParameters };
}

function parsed(tasks: readonly JsonObject[]): WorkflowTask[] | string {
  const result: WorkflowTask[] = [];
  for (const [index, task] of tasks.entries()) {
    const one = parseWorkflowTask(task);
    if (!one.ok) return `dynamic branch ${index}: ${one.problem}`;
    result.push(one.task);
  }
  return result;
}
