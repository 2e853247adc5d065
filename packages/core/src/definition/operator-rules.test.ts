import { describe, expect, it } from 'vitest';
import { isJoineryError } from '../errors/joinery-error.ts';
import { parseWorkflowDef } from './parse-workflow-def.ts';

function problemsOf(tasks: readonly object[]): readonly string[] {
  try {
    parseWorkflowDef({ name: 'w', tasks });
    return [];
  } catch (error) {
    if (!isJoineryError(error) || !Array.isArray(error.details['problems'])) throw error;
    return error.details['problems'].map(({ code, path }) => `${code} ${path}`);
  }
}

const task = (type: string, ref: string, more: object = {}): object => ({
  name: ref,
  taskReferenceName: ref,
  type,
  ...more,
});
const a = task('SIMPLE', 'a');
const older = { dynamicForkJoinTasksParam: 'dyn', inputParameters: { dyn: {} } };

function forked(join: object): readonly object[] {
  const forkTasks = [[a], [task('SIMPLE', 'b')]];
  return [
    task('FORK_JOIN', 'f', { forkTasks }),
    task('JOIN', 'j', { joinOn: ['a', 'b'], ...join }),
  ];
}

function exclusive(more: object, inside: readonly object[] = [a]): readonly object[] {
  const { decisionCases, ...rest } = { decisionCases: { k: inside }, caseValueParam: 'v' };
  return [
    task('DECISION', 'd', { decisionCases, ...rest }),
    task('EXCLUSIVE_JOIN', 'e', more),
    task('SIMPLE', 'later'),
  ];
}

describe('a definition may have', () => {
  it.each<[string, readonly object[]]>([
    ['DECISION and EXCLUSIVE_JOIN', exclusive({ joinOn: ['a'], defaultExclusiveJoinTask: ['d'] })],
    ['DYNAMIC', [task('DYNAMIC', 'x', { dynamicTaskNameParam: 'n', inputParameters: { n: 'y' } })]],
    ['HUMAN and YIELD', [task('HUMAN', 'h'), task('YIELD', 'y')]],
    ['a JOIN that counts', forked({ joinCount: 1 })],
    ['a JOIN that counts all', forked({ joinCount: 2 })],
    [
      'an older dynamic fork',
      [task('FORK_JOIN_DYNAMIC', 'f', older), task('JOIN', 'j', { joinCount: 9 })],
    ],
  ])('%s', (_, tasks) => {
    expect(problemsOf(tasks)).toEqual([]);
  });
});

describe('a definition may not have', () => {
  const loop = task('DO_WHILE', 'l', { loopCondition: '1', loopOver: [a] });

  it.each<[string, readonly object[], readonly string[]]>([
    [
      'a DECISION without a parameter',
      [task('DECISION', 'd', { decisionCases: { k: [a] } })],
      ['JN_DEF_REQUIRED tasks[0].caseValueParam'],
    ],
    [
      'a DECISION without cases',
      [task('DECISION', 'd', { caseValueParam: 'x' })],
      ['JN_DEF_REQUIRED tasks[0].decisionCases'],
    ],
    [
      'a JOIN by script',
      forked({ expression: 'true', evaluatorType: 'js' }),
      ['JN_DEF_UNSUPPORTED tasks[1].expression'],
    ],
    [
      'a script where no operator reads it',
      [task('LAMBDA', 'd', { scriptExpression: '1', inputParameters: { scriptExpression: '1' } })],
      ['JN_DEF_UNSUPPORTED tasks[0].scriptExpression'],
    ],
    [
      'a DYNAMIC task without a parameter',
      [task('DYNAMIC', 'x')],
      ['JN_DEF_REQUIRED tasks[0].dynamicTaskNameParam'],
    ],
    [
      'a DYNAMIC task without its parameter',
      [task('DYNAMIC', 'x', { dynamicTaskNameParam: 'n' })],
      ['JN_DEF_REQUIRED tasks[0].inputParameters.n'],
    ],
    ['an EXCLUSIVE_JOIN of nothing', exclusive({}), ['JN_DEF_REQUIRED tasks[1].joinOn']],
    [
      'an EXCLUSIVE_JOIN of what comes later',
      exclusive({ joinOn: ['a', 'later'] }),
      ['JN_DEF_JOIN_ON tasks[1].joinOn[1]'],
    ],
    [
      'an EXCLUSIVE_JOIN of itself by default',
      exclusive({ joinOn: ['a'], defaultExclusiveJoinTask: ['e'] }),
      ['JN_DEF_JOIN_ON tasks[1].defaultExclusiveJoinTask[0]'],
    ],
    [
      'an EXCLUSIVE_JOIN of what is in a loop',
      exclusive({ joinOn: ['a'] }, [loop]),
      ['JN_DEF_JOIN_ON tasks[1].joinOn[0]'],
    ],
    [
      'a JOIN that counts more than it names',
      forked({ joinCount: 3 }),
      ['JN_DEF_REQUIRED tasks[1].joinCount'],
    ],
    [
      'a dynamic fork in two shapes',
      [task('FORK_JOIN_DYNAMIC', 'f', { ...older, dynamicForkTasksParam: 'p' }), task('JOIN', 'j')],
      ['JN_DEF_REQUIRED tasks[0].dynamicForkTasksParam'],
    ],
  ])('%s', (_, tasks, problems) => {
    expect(problemsOf(tasks)).toEqual(problems);
  });
});
