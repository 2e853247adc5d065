import type { Json, JsonObject } from '@joinery/core';
import type { DefinitionOptions, GeneratedDefinition } from './arbitrary-definition.ts';
import type { Limit, SimpleShape, SubShape, TaskShape, TimeOut } from './task-shape.ts';

/** The script of every INLINE task: whoever runs it needs no interpreter. */
export const DOUBLING = '2 * $.number';

/** Give every task a reference name, `t1`, `t2`, …, and write the definition as Conductor's JSON. */
export function writeDefinition(
  shapes: readonly TaskShape[],
  { name = 'generated', retryDelaySeconds = 5 }: DefinitionOptions = {},
): GeneratedDefinition {
  const pen: Pen = { last: 0, input: {}, retryDelaySeconds };
  const { tasks } = writeSequence(pen, shapes);
  return {
    definition: { name, version: 1, schemaVersion: 2, tasks },
    input: pen.input,
  };
}

interface Pen {
  last: number;
  readonly input: Record<string, Json>;
  readonly retryDelaySeconds: number;
}

/** What was written: tasks, and all references inside them in order. */
interface Written {
  readonly tasks: readonly JsonObject[];
  readonly refs: readonly string[];
}

function writeSequence(pen: Pen, shapes: readonly TaskShape[]): Written {
  const tasks: JsonObject[] = [];
  const refs: string[] = [];
  for (const shape of shapes) {
    const before = tasks.at(-1)?.['taskReferenceName'];
    const written = writeShape(pen, shape, typeof before === 'string' ? before : null);
    tasks.push(...written.tasks);
    refs.push(...written.refs);
  }
  return { tasks, refs };
}

function writeShape(pen: Pen, shape: TaskShape, before: string | null): Written {
  const ref = nextRef(pen);
  switch (shape.kind) {
    case 'simple':
      return single(ref, worker(simple(pen, shape, ref), shape, reading(before)));
    case 'sub':
      return single(ref, { ...sub(pen, shape, ref), inputParameters: reading(before) });
    case 'noop':
      return single(ref, task('NOOP', ref, { inputParameters: reading(before) }));
    case 'start': {
      const inputParameters = { startWorkflow: { name: 'grandchild' } };
      return single(ref, task('START_WORKFLOW', ref, { inputParameters }));
    }
    case 'script': {
      const by = { evaluatorType: 'javascript', expression: DOUBLING };
      return single(ref, task('INLINE', ref, { inputParameters: { ...by, number: shape.number } }));
    }
    case 'human':
    case 'yield':
      return single(ref, task(shape.kind.toUpperCase(), ref));
    case 'set':
      return single(ref, task('SET_VARIABLE', ref, { inputParameters: { [ref]: 1 } }));
    case 'wait': {
      const duration = shape.seconds === null ? {} : { duration: `${shape.seconds} seconds` };
      return single(ref, task('WAIT', ref, { inputParameters: duration }));
    }
    case 'terminate': {
      const inputParameters = { terminationStatus: shape.status, workflowOutput: { by: ref } };
      return single(ref, task('TERMINATE', ref, { inputParameters }));
    }
    case 'fork':
      return fork(pen, shape, ref);
    case 'dynamic':
      return dynamic(pen, shape, ref);
    case 'exclusive':
      return exclusive(pen, shape, ref);
    case 'loop':
      return loop(pen, shape, ref);
    case 'switch':
      return choice(pen, shape, ref);
  }
}

function fork(pen: Pen, shape: Extract<TaskShape, { kind: 'fork' }>, ref: string): Written {
  const branches = shape.branches.map((branch) => writeSequence(pen, branch));
  const inside = branches.flatMap(({ refs }) => refs);
  const tails = branches.flatMap(({ tasks }) => tasks.at(-1)?.['taskReferenceName'] ?? []);
  const { joinOn } = shape;
  const named = joinOn === null ? tails : inside.filter((_, i) => (joinOn >> (i % 16)) % 2 === 1);
  const join = nextRef(pen);
  return {
    tasks: [
      task('FORK_JOIN', ref, { forkTasks: branches.map(({ tasks }) => tasks) }),
      task('JOIN', join, {
        joinOn: named,
        optional: shape.isJoinOptional,
        joinCount: Math.min(shape.joinCount ?? 0, named.length),
      }),
    ],
    refs: [ref, ...inside, join],
  };
}

function dynamic(pen: Pen, shape: Extract<TaskShape, { kind: 'dynamic' }>, ref: string): Written {
  const { atOnce = 0 } = shape;
  const branches = shape.branches.map((each) => simple(pen, each, nextRef(pen)));
  pen.input[ref] = branches;
  const join = nextRef(pen);
  return {
    tasks: [
      task('FORK_JOIN_DYNAMIC', ref, {
        dynamicForkTasksParam: 'tasks',
        dynamicForkTasksInputParamName: 'inputs',
        inputParameters: {
          tasks: `\${workflow.input.${ref}}`,
          inputs: {},
          ...(atOnce === 0 ? {} : { maxConcurrency: atOnce }),
        },
      }),
      task('JOIN', join),
    ],
    refs: [ref, join],
  };
}

/** A body needs a task; joins outside cannot name what is inside. */
function loop(pen: Pen, shape: Extract<TaskShape, { kind: 'loop' }>, ref: string): Written {
  const { tasks } = writeSequence(pen, shape.body);
  const loopOver = tasks.length > 0 ? tasks : [task('NOOP', nextRef(pen))];
  const { hasItems, times } = shape;
  if (hasItems) pen.input[ref] = Array.from({ length: times }, (_, i) => `item ${i}`);
  const repeated = hasItems
    ? { items: `\${workflow.input.${ref}}` }
    : { loopCondition: `$.${ref}['iteration'] < $.times`, inputParameters: { times } };
  return single(ref, task('DO_WHILE', ref, { loopOver, ...repeated }));
}

function choice(pen: Pen, shape: Extract<TaskShape, { kind: 'switch' }>, ref: string): Written {
  const cases = shape.cases.map((each) => writeSequence(pen, each));
  const defaultCase = writeSequence(pen, shape.defaultCase);
  const value = `case${shape.taken}`;
  if (shape.isFromInput) pen.input[ref] = value;
  const byValue = shape.isDecision
    ? { caseValueParam: 'value' }
    : { evaluatorType: 'value-param', expression: 'value' };
  const written = task(shape.isDecision ? 'DECISION' : 'SWITCH', ref, {
    ...byValue,
    inputParameters: { value: shape.isFromInput ? `\${workflow.input.${ref}}` : value },
    decisionCases: Object.fromEntries(cases.map(({ tasks }, i) => [`case${i}`, tasks])),
    defaultCase: defaultCase.tasks,
  });
  return { tasks: [written], refs: [ref, ...[...cases, defaultCase].flatMap(({ refs }) => refs)] };
}

function exclusive(
  pen: Pen,
  shape: Extract<TaskShape, { kind: 'exclusive' }>,
  ref: string,
): Written {
  const cases = shape.cases.map((each) => simple(pen, each, nextRef(pen)));
  const others = shape.defaultCase === null ? [] : [simple(pen, shape.defaultCase, nextRef(pen))];
  const join = nextRef(pen);
  const choose = task('SWITCH', ref, {
    evaluatorType: 'value-param',
    expression: 'value',
    inputParameters: { value: `case${shape.taken}` },
    decisionCases: Object.fromEntries(cases.map((each, i) => [`case${i}`, [each]])),
    defaultCase: others,
  });
  const joined = task('EXCLUSIVE_JOIN', join, {
    joinOn: refsOf(cases),
    defaultExclusiveJoinTask: refsOf(others),
  });
  const inside = [...refsOf(cases), ...refsOf(others)].map(String);
  return { tasks: [choose, joined], refs: [ref, ...inside, join] };
}

function refsOf(tasks: readonly JsonObject[]): readonly Json[] {
  return tasks.map((each) => each['taskReferenceName'] ?? null);
}

function worker(written: JsonObject, { isNamedLate }: SimpleShape, reads: JsonObject): JsonObject {
  if (isNamedLate !== true) return { ...written, inputParameters: reads };
  const inputParameters = { ...reads, worker: written['name'] ?? null };
  return { ...written, type: 'DYNAMIC', dynamicTaskNameParam: 'worker', inputParameters };
}

function simple(pen: Pen, shape: SimpleShape, ref: string): JsonObject {
  return task('SIMPLE', ref, {
    optional: shape.isOptional,
    permissive: shape.isPermissive,
    retryCount: shape.retryCount,
    ...(shape.limit === 'key' && { concurrencyKey: 'everybody', concurrencyLimit: 1 }),
    taskDefinition: {
      name: ref,
      retryDelaySeconds: pen.retryDelaySeconds,
      responseTimeoutSeconds: 0,
      ...TIME_OUT_SETTINGS[shape.timeOut],
      ...(shape.limit && LIMIT_SETTINGS[shape.limit]),
    },
  });
}

function sub(pen: Pen, shape: SubShape, ref: string): JsonObject {
  return task('SUB_WORKFLOW', ref, {
    optional: shape.isOptional,
    permissive: shape.isPermissive,
    retryCount: shape.retryCount,
    subWorkflowParam: { name: 'child' },
    taskDefinition: {
      name: ref,
      retryDelaySeconds: shape.isRetriedAtOnce ? 0 : pen.retryDelaySeconds,
    },
  });
}

const TIME_OUT_SETTINGS: Readonly<Record<TimeOut, JsonObject>> = {
  none: {},
  response: { responseTimeoutSeconds: 10 },
  retry: { timeoutSeconds: 15, timeoutPolicy: 'RETRY' },
  run: { timeoutSeconds: 20, timeoutPolicy: 'TIME_OUT_WF' },
  poll: { pollTimeoutSeconds: 8, timeoutPolicy: 'RETRY' },
  alert: { timeoutSeconds: 25, timeoutPolicy: 'ALERT_ONLY' },
};

const LIMIT_SETTINGS: Readonly<Record<Limit, JsonObject>> = {
  one: { concurrentExecLimit: 1 },
  rate: { rateLimitPerFrequency: 2, rateLimitFrequencyInSeconds: 1 },
  key: {},
};

function reading(before: string | null): JsonObject {
  return before === null ? {} : { from: `\${${before}.output}` };
}

function task(type: string, ref: string, more: JsonObject = {}): JsonObject {
  return { name: ref, taskReferenceName: ref, type, ...more };
}

function single(ref: string, written: JsonObject): Written {
  return { tasks: [written], refs: [ref] };
}

function nextRef(pen: Pen): string {
  pen.last += 1;
  return `t${pen.last}`;
}
