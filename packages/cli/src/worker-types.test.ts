import { parseWorkflowDef } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { walkTasks, workerTypesOf } from './worker-types.ts';

const simple = (ref: string, name = ref) => ({ name, taskReferenceName: ref, type: 'SIMPLE' });
const definition = parseWorkflowDef({
  name: 'deep',
  tasks: [
    simple('first', 'load'),
    {
      ...simple('choose'),
      type: 'SWITCH',
      evaluatorType: 'value-param',
      expression: 'kind',
      inputParameters: { kind: '${workflow.input.kind}' },
      decisionCases: {
        wide: [
          {
            ...simple('fork'),
            type: 'FORK_JOIN',
            forkTasks: [[simple('a', 'load')], [simple('b')]],
          },
          { ...simple('join'), type: 'JOIN', joinOn: ['a', 'b'] },
        ],
      },
      defaultCase: [{ ...simple('own'), type: 'mail' }],
    },
    { ...simple('pause'), type: 'WAIT', inputParameters: { duration: '1s' } },
  ],
});

describe('the tasks of a definition', () => {
  it('come in reading order, with their depth and the branch that they begin', () => {
    const lines = walkTasks(definition.tasks).map(
      ({ task, depth, branch }) => `${depth}${branch} ${task.taskReferenceName}`,
    );
    expect(lines).toEqual([
      '0 first',
      '0 choose',
      '1wide fork',
      '21 a',
      '22 b',
      '1 join',
      '1default own',
      '0 pause',
    ]);
  });

  it('need workers for each type once, and none for operators', () => {
    expect(workerTypesOf(definition)).toEqual(['load', 'b', 'mail']);
  });
});
