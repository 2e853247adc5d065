import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '@joinery/core';
import { operator, simple, startFlow, type Flow } from '../../../test/flow.ts';

const pair = { dynamicForkTasksParam: 'tasks', dynamicForkTasksInputParamName: 'inputs' };

function dynamic(
  inputParameters: JsonObject,
  more: JsonObject = {},
  ref = 'd',
): readonly JsonObject[] {
  return [
    operator('FORK_JOIN_DYNAMIC', ref, { ...pair, inputParameters, ...more }),
    operator('JOIN', `${ref}_join`),
  ];
}

function flowOf(tasks: Json, inputs: Json = {}): Flow {
  return startFlow(
    dynamic({ tasks: '${workflow.input.tasks}', inputs: '${workflow.input.inputs}' }),
    {
      input: { tasks, inputs },
    },
  );
}

describe('a dynamic fork', () => {
  it('runs a list of tasks with a map of their inputs', () => {
    const flow = flowOf([simple('a', { inputParameters: { own: 1 } }), simple('b')], {
      a: { given: 2 },
      b: 'text',
    });
    expect(flow.data('i:a')).toEqual({ own: 1, given: 2 });
    expect(flow.data('i:b')).toEqual({ input: 'text' });
    flow.finish('a', { x: 1 }).finish('b');
    expect(flow.status).toBe('COMPLETED');
    expect(flow.data('run:output')).toEqual({ a: { x: 1 } });
  });

  it('runs one task name over a list of inputs', () => {
    const flow = startFlow(
      dynamic({ forkTaskName: 'en__code', forkTaskInputs: [{ q: 1 }, 'x', null] }),
    );
    expect(flow.waiting).toEqual(['_d_en_code_0', '_d_en_code_1', '_d_en_code_2']);
    expect(flow.data('i:_d_en_code_0')).toEqual({ q: 1, __index: 0 });
    expect(flow.data('i:_d_en_code_1')).toEqual({ input: 'x', __index: 1 });
    for (const ref of flow.waiting) flow.finish(ref);
    expect(flow.status).toBe('COMPLETED');
  });

  it('joins at once when it has no branches', () => {
    expect(flowOf([]).status).toBe('COMPLETED');
    expect(flowOf([]).data('run:output')).toEqual({});
  });

  it('never reads what it was given as a template', () => {
    const hostile = '${workflow.input.secret} ${';
    const task = simple('a', {
      inputParameters: { text: hostile },
      taskDefinition: { name: 'a', inputTemplate: { also: '${workflow.input.secret}' } },
    });
    const flow = flowOf([task], { a: { more: hostile } });
    expect(flow.data('i:a')).toEqual({
      text: hostile,
      more: hostile,
      also: '${workflow.input.secret}',
    });
    flow.fail('a');
    expect(flow.status).toBe('FAILED');
  });

  it('renders the input template of a registered task definition for its branches', () => {
    const taskDefs = [{ name: 'a', inputTemplate: { from: '${workflow.input.who}' } }];
    const flow = startFlow(dynamic({ tasks: [simple('a')], inputs: {} }), {
      input: { who: 'me' },
      taskDefs,
    });
    expect(flow.data('i:a')).toEqual({ from: 'me' });
  });

  it('retries a branch with its own input', () => {
    const taskDefinition = { name: 'a', retryDelaySeconds: 1 };
    const flow = flowOf([simple('a', { retryCount: 1, taskDefinition })], { a: { n: 1 } });
    flow.fail('a');
    expect(flow.row('a')).toMatchObject({ status: 'SCHEDULED', attempt: 2 });
    flow.pass(1_000).finish('a');
    expect(flow.status).toBe('COMPLETED');
    expect(flow.data('i:a')).toEqual({ n: 1 });
  });

  it.each<[string, Json, Json, RegExp]>([
    ['no list', 'nonsense', {}, /'tasks' must be a list/],
    ['inputs that are no map', [], 7, /'inputs' must map/],
    ['a task that is none', [7], {}, /dynamic branch 0/],
    ['a task without a name', [{ taskReferenceName: 'x' }], {}, /dynamic branch 0: name/],
    ['the same reference twice', [simple('a'), simple('a')], {}, /same reference name/],
    ['a reference of the definition', [simple('d')], {}, /has a task 'd' already/],
    ['an operator', [operator('NOOP', 'n')], {}, /must be a worker task/],
    ['a type that is refused', [operator('USER_DEFINED', 'n')], {}, /internal name/],
    ['a name that keys cannot hold', [simple('a@1')], {}, /marks the attempts/],
    ['a loop’s name', [simple('a__1')], {}, /iterations/],
  ])('ends the run FAILED with the reason and the place on %s', (_, tasks, inputs, reason) => {
    const flow = flowOf(tasks, inputs);
    expect(flow.status).toBe('FAILED');
    expect(flow.reason).toMatch(reason);
    expect(flow.reason).toContain('Task d ');
  });

  it('stores once what its branches have in common', () => {
    const flow = startFlow(dynamic({ forkTaskName: 'b', forkTaskInputs: [{ q: 1 }, { q: 2 }] }));
    expect(flow.data('i:d')).toMatchObject({
      dynamicTasks: [
        { taskReferenceName: '_d_b_0', inputParameters: { q: 1, __index: 0 } },
        { taskReferenceName: '_d_b_1', inputParameters: { q: 2, __index: 1 } },
      ],
      shared: { name: 'b', type: 'SIMPLE', optional: false },
    });
    expect(JSON.stringify(flow.data('i:d')).match(/"type"/g)).toHaveLength(1);
    expect(flow.row('_d_b_1')).toMatchObject({ name: 'b', type: 'SIMPLE' });
  });

  it('refuses more branches than were tested', () => {
    const forkTaskInputs = Array.from({ length: 100_001 }, (_, i) => i);
    const flow = startFlow(dynamic({ forkTaskName: 'b', forkTaskInputs }));
    expect(flow.reason).toContain('100001 branches; at most 100000');
  });

  it('finds a member of its input only when it is there', () => {
    const odd = {
      dynamicForkTasksParam: 'constructor',
      dynamicForkTasksInputParamName: '__proto__',
    };
    const flow = startFlow(dynamic({}, odd));
    expect(flow.reason).toContain("'constructor' must be a list");
  });

  it('goes on after an optional fork that could not be expanded', () => {
    const tasks = dynamic({ tasks: 7, inputs: {} }, { optional: true });
    const flow = startFlow([...tasks, simple('c')]);
    expect(flow.statuses).toEqual({
      d: 'COMPLETED_WITH_ERRORS',
      d_join: 'COMPLETED',
      c: 'SCHEDULED',
    });
  });

  it('ends the run rather than wait for a branch that another fork has made under the same name', () => {
    const second = dynamic({ tasks: [simple('a')], inputs: {} }, {}, 'second_d');
    const flow = startFlow([...dynamic({ tasks: [simple('a')], inputs: {} }), ...second]);
    flow.finish('a');
    expect(flow.status).toBe('FAILED');
    expect(flow.reason).toContain("fork second_d: a branch 'a' exists already, from d");
  });
});
