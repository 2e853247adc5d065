import { describe, expect, it } from 'vitest';
import { JoineryError } from '../errors/joinery-error.ts';
import type { DefinitionProblem } from './definition-problem.ts';
import { parseWorkflowDef } from './parse-workflow-def.ts';
import { parseTaskDef } from './task-def.ts';
import { parseWorkflowTask } from './workflow-task.ts';

// Half a second alone; on a busy machine many times that. It detects a hang, nothing else.
const WIDE_TIMEOUT_MS = 60_000;

type Loose = Readonly<Record<string, unknown>>;

const simple = (ref: string, rest: Loose = {}): Loose => ({
  name: 'work',
  taskReferenceName: ref,
  ...rest,
});
const fork = (forkTasks: unknown, rest: Loose = {}): Loose =>
  simple('fork', { type: 'FORK_JOIN', forkTasks, ...rest });
const join = (joinOn: readonly string[], ref = 'join'): Loose =>
  simple(ref, { type: 'JOIN', joinOn });
const definition = (tasks: unknown, rest: Loose = {}): Loose => ({ name: 'order', tasks, ...rest });

function branches(width: number): Loose[][] {
  return Array.from({ length: width }, (_, index) => [simple(`b${index}`)]);
}

function nest(depth: number): Loose[] {
  let tasks = [simple('leaf')];
  for (let level = 1; level < depth; level += 1) {
    tasks = [fork([tasks], { taskReferenceName: `f${level}` }), join([], `j${level}`)];
  }
  return tasks;
}

function thrownBy(action: () => unknown): JoineryError {
  try {
    action();
  } catch (error) {
    if (error instanceof JoineryError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function problemsOf(error: JoineryError): readonly DefinitionProblem[] {
  const { problems } = error.details;
  return Array.isArray(problems) ? problems : [];
}

function refusals(tasks: unknown, rest: Loose = {}): readonly string[] {
  const error = thrownBy(() => parseWorkflowDef(definition(tasks, rest)));
  return problemsOf(error).map(({ code, path }) => `${code} ${path}`);
}

describe('a definition that is accepted', () => {
  it('has the defaults of Conductor and ignores unknown members', () => {
    const parsed = parseWorkflowDef(definition([simple('a', { unknown: 1 })], { unknown: [] }));
    expect(parsed).toMatchObject({
      name: 'order',
      version: 1,
      schemaVersion: 2,
      restartable: true,
      timeoutSeconds: 0,
      timeoutPolicy: 'ALERT_ONLY',
      outputParameters: {},
    });
    expect(parsed.tasks[0]).toMatchObject({
      type: 'SIMPLE',
      optional: false,
      startDelay: 0,
      joinMode: 'ASYNC',
      inputParameters: {},
    });
    expect(parsed.tasks[0]).not.toHaveProperty('unknown');
    expect(parsed.tasks[0]).not.toHaveProperty('retryCount');
  });

  it('takes null as absent, as 0 or false for primitives, and keeps nulls inside of maps', () => {
    const task = simple('a', { type: null, retryCount: null, startDelay: null, optional: null });
    const parsed = parseWorkflowDef(
      definition([{ ...task, inputParameters: { x: null } }], {
        restartable: null,
        variables: null,
      }),
    );
    expect(parsed).toMatchObject({ restartable: false, variables: {} });
    expect(parsed.tasks[0]).toMatchObject({ type: 'SIMPLE', startDelay: 0, optional: false });
    expect(parsed.tasks[0]?.inputParameters).toEqual({ x: null });
    expect(parsed.tasks[0]).not.toHaveProperty('retryCount');
  });

  it('may hold every type that is carried out, in any nesting', () => {
    const inner = [
      simple('wait', { type: 'WAIT', inputParameters: { duration: '2 hours 30s' } }),
      simple('until', { type: 'WAIT', inputParameters: { until: '${workflow.input.when}' } }),
      simple('set', { type: 'SET_VARIABLE', inputParameters: { n: 1 } }),
      simple('custom', { type: 'MY_WORKER', asyncComplete: true }),
      simple('noop', { type: 'NOOP' }),
    ];
    const choice = simple('choice', {
      type: 'SWITCH',
      evaluatorType: 'value-param',
      expression: 'x',
      inputParameters: { x: '${fork.output}' },
      decisionCases: { one: inner, two: [] },
      defaultCase: [
        simple('end', { type: 'TERMINATE', inputParameters: { terminationStatus: 'FAILED' } }),
      ],
    });
    const dynamic = simple('dynamic', {
      type: 'FORK_JOIN_DYNAMIC',
      dynamicForkTasksParam: 'tasks',
      dynamicForkTasksInputParamName: 'inputs',
    });
    const tasks = [
      fork([[choice], [], [simple('b')]]),
      join(['noop', 'b']),
      dynamic,
      join([], 'j2'),
    ];
    expect(parseWorkflowDef(definition(tasks)).tasks).toHaveLength(4);
  });

  it('may have 10,000 branches, and not one more', { timeout: WIDE_TIMEOUT_MS }, () => {
    const refs = Array.from({ length: 10_000 }, (_, index) => `b${index}`);
    const parsed = parseWorkflowDef(definition([fork(branches(10_000)), join(refs)]));
    expect(parsed.tasks[0]?.forkTasks).toHaveLength(10_000);
    expect(refusals([fork(branches(10_001)), join([])])).toEqual([
      'JN_DEF_TOO_LARGE tasks[0].forkTasks',
    ]);
  });

  it('may read what a dynamic fork is going to make, but not in its root sequence', () => {
    const dynamic = simple('dyn', {
      type: 'FORK_JOIN_DYNAMIC',
      inputParameters: { forkTaskInputs: [], forkTaskName: 'work' },
    });
    const reader = simple('r', { inputParameters: { x: '${_dyn_work_0.output}' } });
    const inside = fork([[reader]], { taskReferenceName: 'f' });
    const rest = { outputParameters: { x: '${_dyn_work_1.output}' } };
    expect(
      parseWorkflowDef(definition([dynamic, join([]), inside, join([], 'j')], rest)).name,
    ).toBe('order');
    expect(refusals([dynamic, join([]), reader])).toEqual([
      'JN_DEF_UNKNOWN_REF tasks[2].inputParameters',
    ]);
  });
});

describe('a parsed definition', () => {
  it('is a definition, and parses to itself', () => {
    const dynamic = simple('d', {
      type: 'FORK_JOIN_DYNAMIC',
      inputParameters: { forkTaskInputs: [null], forkTaskName: 'work' },
      taskDefinition: { name: 'work', timeoutSeconds: 5 },
    });
    const parsed = parseWorkflowDef(
      definition([fork(branches(3)), join(['b1']), dynamic, join([], 'j')]),
    );
    expect(parseWorkflowDef(parsed)).toEqual(parsed);
  });

  it('is within the bounds, or the definition is refused', { timeout: WIDE_TIMEOUT_MS }, () => {
    const lists = branches(10_000).map(([task], index) => [task, simple(`c${index}`)]);
    expect(refusals([fork(lists), join([])])).toEqual(['JN_DEF_TOO_LARGE $']);
  });
});

describe('a definition is refused', () => {
  it.each<[string, unknown, string[]]>([
    ['without a task', [], ['JN_DEF_SHAPE tasks']],
    ['with a blank name', [simple(' ')], ['JN_DEF_SHAPE tasks[0].taskReferenceName']],
    [
      'with a reference name used twice, at any depth',
      [fork([[simple('a')], [simple('a')]]), join([])],
      ['JN_DEF_DUPLICATE_REF tasks[0].forkTasks[1][0].taskReferenceName'],
    ],
    ['with `__` in a name', [simple('a__1')], ['JN_DEF_REF_NAME tasks[0].taskReferenceName']],
    ['with `@` in a name', [simple('a@1')], ['JN_DEF_REF_NAME tasks[0].taskReferenceName']],
    [
      'with a control character',
      [simple('a\u0007')],
      ['JN_DEF_REF_NAME tasks[0].taskReferenceName'],
    ],
    ['with half a character', [simple('a\ud800')], ['JN_DEF_REF_NAME tasks[0].taskReferenceName']],
    [
      'with a task named workflow',
      [simple('workflow')],
      ['JN_DEF_REF_NAME tasks[0].taskReferenceName'],
    ],
    [
      'with an unknown root',
      [simple('a', { inputParameters: { x: { y: ['${b.output.z}'] } } })],
      ['JN_DEF_UNKNOWN_REF tasks[0].inputParameters'],
    ],
    [
      'with a broken expression',
      [simple('a', { inputParameters: { x: { y: ['${workflow.input'] } } })],
      ['JN_DEF_EXPRESSION tasks[0].inputParameters.x.y[0]'],
    ],
    [
      'that reads all secrets',
      [simple('a', { inputParameters: { x: '${workflow.secrets}' } })],
      ['JN_DEF_UNSUPPORTED tasks[0].inputParameters'],
    ],
    [
      'that reads a secret where no worker gets it',
      [simple('a', { type: 'NOOP', inputParameters: { x: '${workflow.secrets.key}' } })],
      ['JN_DEF_UNSUPPORTED tasks[0].inputParameters'],
    ],
    [
      'that mixes a secret with data',
      [simple('a', { inputParameters: { x: '${workflow.secrets.key} ${workflow.input.x}' } })],
      ['JN_DEF_EXPRESSION tasks[0].inputParameters.x'],
    ],
    [
      'that names a secret by data',
      [simple('a', { inputParameters: { x: '${workflow.secrets.${workflow.input.x}}' } })],
      ['JN_DEF_EXPRESSION tasks[0].inputParameters.x'],
    ],
    [
      'with a fork without a join',
      [fork([[simple('a')]]), simple('b')],
      ['JN_DEF_FORK_WITHOUT_JOIN tasks[0]'],
    ],
    [
      'with a join without a fork',
      [simple('a'), join(['a'])],
      ['JN_DEF_JOIN_WITHOUT_FORK tasks[1]'],
    ],
    ['with a fork without branches', [fork([]), join([])], ['JN_DEF_REQUIRED tasks[0].forkTasks']],
    [
      'with a join on a task that does not exist',
      [fork([[simple('a')]]), join(['a', 'b'])],
      ['JN_DEF_JOIN_ON tasks[1].joinOn[1]'],
    ],
    [
      'with a join on what comes after it',
      [fork([[simple('a')]]), join(['b']), simple('b')],
      ['JN_DEF_JOIN_ON tasks[1].joinOn[0]'],
    ],
    [
      'with a join that lists a task twice',
      [fork([[simple('a')]]), join(['a', 'a'])],
      ['JN_DEF_JOIN_ON tasks[1].joinOn[1]'],
    ],
    [
      'with a script in another language',
      [
        simple('s', {
          type: 'SWITCH',
          evaluatorType: 'python',
          expression: '1',
          decisionCases: { a: [] },
        }),
        simple('i', {
          type: 'INLINE',
          inputParameters: { evaluatorType: 'python', expression: '1' },
        }),
      ],
      [
        'JN_DEF_UNSUPPORTED tasks[0].evaluatorType',
        'JN_DEF_UNSUPPORTED tasks[1].inputParameters.evaluatorType',
      ],
    ],
    [
      'with a task that lacks its script',
      [
        simple('i', { type: 'INLINE' }),
        simple('l', { type: 'LAMBDA', inputParameters: { scriptExpression: ' ' } }),
        simple('q', { type: 'JSON_JQ_TRANSFORM', inputParameters: { queryExpression: 1 } }),
      ],
      [
        'JN_DEF_REQUIRED tasks[0].inputParameters.expression',
        'JN_DEF_REQUIRED tasks[1].inputParameters.scriptExpression',
        'JN_DEF_REQUIRED tasks[2].inputParameters.queryExpression',
      ],
    ],
    [
      'with a switch without anything',
      [simple('s', { type: 'SWITCH' })],
      [
        'JN_DEF_REQUIRED tasks[0].evaluatorType',
        'JN_DEF_REQUIRED tasks[0].expression',
        'JN_DEF_REQUIRED tasks[0].decisionCases',
      ],
    ],
    [
      'with a dynamic fork without its parameters',
      [simple('d', { type: 'FORK_JOIN_DYNAMIC', dynamicForkTasksParam: 'x' }), join([])],
      ['JN_DEF_REQUIRED tasks[0].dynamicForkTasksInputParamName'],
    ],
    [
      'with an optional or unknown end',
      [
        simple('t', {
          type: 'TERMINATE',
          optional: true,
          inputParameters: { terminationStatus: 'DONE' },
        }),
      ],
      [
        'JN_DEF_REQUIRED tasks[0].inputParameters.terminationStatus',
        'JN_DEF_REQUIRED tasks[0].optional',
      ],
    ],
    [
      'with two times to wait',
      [simple('w', { type: 'WAIT', inputParameters: { duration: '1s', until: '2030-01-01' } })],
      ['JN_DEF_REQUIRED tasks[0].inputParameters'],
    ],
    [
      'with a time that cannot be read',
      [simple('w', { type: 'WAIT', inputParameters: { duration: 'soon' } })],
      ['JN_DEF_WAIT_TIME tasks[0].inputParameters.duration'],
    ],
    [
      'with a task type that is not carried out',
      [simple('h', { type: 'PULL_WORKFLOW_MESSAGES', loopCondition: 'x' })],
      ['JN_DEF_UNSUPPORTED tasks[0].type'],
    ],
    [
      'with an embedded task definition that is not carried out',
      [simple('a', { taskDefinition: { name: 'work', isolationGroupId: 'g' } })],
      ['JN_DEF_UNSUPPORTED tasks[0].taskDefinition.isolationGroupId'],
    ],
    [
      'with an operator that is to complete later',
      [simple('n', { type: 'NOOP', asyncComplete: true })],
      ['JN_DEF_UNSUPPORTED tasks[0].asyncComplete'],
    ],
  ])('%s', (_, tasks, expected) => {
    expect(refusals(tasks)).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ['rateLimitConfig', { rateLimitKey: 'k', concurrentExecLimit: 1 }],
    ['inputSchema', { name: 's' }],
    ['outputSchema', { name: 's', type: 'AVRO', data: { type: 'object' } }],
    ['maskedFields', ['password']],
  ])('when it asks for %s', (member, value) => {
    expect(refusals([simple('a')], { [member]: value })).toEqual([`JN_DEF_UNSUPPORTED ${member}`]);
  });

  it('not when a schema is only documentation', () => {
    const rest = { inputSchema: { name: 's' }, enforceSchema: false };
    expect(parseWorkflowDef(definition([simple('a')], rest)).inputSchema?.version).toBe(1);
  });

  it('when tasks nest deeper than 32 levels', () => {
    expect(parseWorkflowDef(definition(nest(32))).name).toBe('order');
    expect(refusals(nest(33))[0]).toMatch(/^JN_DEF_TOO_LARGE tasks\[0\]\.forkTasks/);
  });

  it.each<[string, unknown, string]>([
    ['null', null, 'JN_DEF_SHAPE'],
    ['a list', [], 'JN_DEF_SHAPE'],
    [
      'a cycle',
      (() => {
        const self: unknown[] = [];
        self.push(self);
        return self;
      })(),
      'JN_DEF_TOO_LARGE',
    ],
    [
      'six megabytes',
      definition([simple('a', { description: 'x'.repeat(6_000_000) })]),
      'JN_DEF_TOO_LARGE',
    ],
    ['a function', { name: () => 'x' }, 'JN_DEF_SHAPE'],
  ])('when it is %s', (_, input, code) => {
    expect(thrownBy(() => parseWorkflowDef(input))).toMatchObject({
      code,
      category: 'InvalidInput',
    });
  });

  it('with all problems at once, and with the one code that all of them share', () => {
    const error = thrownBy(() =>
      parseWorkflowDef(definition([simple('a@'), simple('b', { type: 'USER_DEFINED' })])),
    );
    expect(error.code).toBe('JN_DEF_INVALID');
    expect(error.message).toContain('Definition order has 2 problems');
    expect(
      problemsOf(error)
        .map(({ code }) => code)
        .toSorted(),
    ).toEqual(['JN_DEF_REF_NAME', 'JN_DEF_UNSUPPORTED']);
    const same = thrownBy(() => parseWorkflowDef({ name: 'x', version: -1, tasks: 'none' }));
    expect(same.code).toBe('JN_DEF_SHAPE');
    expect(problemsOf(same)).toMatchObject([
      { path: 'version', invalidValue: -1 },
      { path: 'tasks', invalidValue: 'none' },
    ]);
  });
});

describe('a task definition', () => {
  it('has the defaults of Conductor', () => {
    expect(parseTaskDef({ name: 'work' })).toMatchObject({
      retryCount: 3,
      retryLogic: 'FIXED',
      retryDelaySeconds: 60,
      backoffScaleFactor: 1,
      timeoutPolicy: 'TIME_OUT_WF',
      responseTimeoutSeconds: 3600,
      timeoutSeconds: 0,
      inputTemplate: {},
    });
  });

  it('answers within its timeout when it says nothing else', () => {
    const parsed = parseTaskDef({ name: 'work', timeoutSeconds: 60 });
    expect(parsed.responseTimeoutSeconds).toBe(60);
  });

  it.each<[Loose, string]>([
    [{ timeoutSeconds: 60, responseTimeoutSeconds: 61 }, 'JN_DEF_SHAPE responseTimeoutSeconds'],
    [{ timeoutSeconds: 60, totalTimeoutSeconds: 59 }, 'JN_DEF_SHAPE timeoutSeconds'],
    [{ retryCount: -1 }, 'JN_DEF_SHAPE retryCount'],
    [{ backoffScaleFactor: 0 }, 'JN_DEF_SHAPE backoffScaleFactor'],
    [{ retryLogic: 'SOMETIMES' }, 'JN_DEF_SHAPE retryLogic'],
    [{ isolationGroupId: 'g' }, 'JN_DEF_UNSUPPORTED isolationGroupId'],
    [{ inputTemplate: { x: '${a' } }, 'JN_DEF_EXPRESSION inputTemplate.x'],
  ])('is refused with %j', (rest, expected) => {
    const error = thrownBy(() => parseTaskDef({ name: 'work', ...rest }));
    expect(problemsOf(error).map(({ code, path }) => `${code} ${path}`)).toEqual([expected]);
  });
});

describe('a task that comes with the data', () => {
  it('is parsed by the same rules, as data', () => {
    const parsed = parseWorkflowTask(simple('a', { type: 'CUSTOM' }));
    expect(parsed.ok && parsed.task.type).toBe('CUSTOM');
  });

  it.each<[unknown, string]>([
    [simple('a', { type: 'PULL_WORKFLOW_MESSAGES' }), 'message queue'],
    [simple('a@b'), '`@`'],
    [{ name: 'work' }, 'taskReferenceName'],
    [simple('a', { onStateChange: { onStart: [] } }), 'onStateChange'],
    ['text', ''],
  ])('is refused with a reason: %j', (input, reason) => {
    const parsed = parseWorkflowTask(input);
    expect(parsed.ok ? 'accepted' : parsed.problem).toContain(reason);
    expect(parsed.ok).toBe(false);
  });
});
