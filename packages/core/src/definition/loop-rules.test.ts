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

const simple = (ref: string, more: object = {}): object => ({
  name: ref,
  taskReferenceName: ref,
  ...more,
});
const loop = (more: object): object =>
  simple('l', { type: 'DO_WHILE', loopOver: [simple('a')], ...more });

function forked(joinOn: readonly string[]): readonly object[] {
  return [
    simple('f', { type: 'FORK_JOIN', forkTasks: [[loop({ loopCondition: '1' })]] }),
    simple('j', { type: 'JOIN', joinOn }),
  ];
}

describe('DO_WHILE in a definition', () => {
  it.each([
    { loopCondition: "if ($.l['iteration'] < $.value) { true; } else { false; }" },
    { items: '${workflow.input.items}' },
    { items: '${workflow.input.items}', loopCondition: ' ' },
    { inputParameters: { _items: [1] } },
    { loopCondition: '${a.output.n} < 3 || ${l.output.iteration} < 2' },
    {
      loopCondition: 'true',
      loopOver: [simple('m', { type: 'DO_WHILE', items: '${l.input.x}', loopOver: [simple('b')] })],
    },
  ])('may say %j', (more) => {
    expect(problemsOf([loop(more)])).toEqual([]);
  });

  it.each<[object, readonly string[]]>([
    [{}, ['JN_DEF_REQUIRED tasks[0].loopCondition']],
    [{ items: ' ' }, ['JN_DEF_REQUIRED tasks[0].loopCondition']],
    [{ loopCondition: '1', loopOver: [] }, ['JN_DEF_REQUIRED tasks[0].loopOver']],
    [{ loopCondition: 'f($.a)' }, ['JN_DEF_CONDITION tasks[0].loopCondition']],
    [{ loopCondition: '${x.output} > 1' }, ['JN_DEF_UNKNOWN_REF tasks[0].loopCondition']],
    [{ items: '${x.output}' }, ['JN_DEF_UNKNOWN_REF tasks[0].items']],
    [{ items: '${' }, ['JN_DEF_EXPRESSION tasks[0].items']],
  ])('may not say %j', (more, problems) => {
    expect(problemsOf([loop(more)])).toEqual(problems);
  });

  it('is joined by its own name; the tasks inside are in iterations', () => {
    expect(problemsOf(forked(['l']))).toEqual([]);
    expect(problemsOf(forked(['a']))).toEqual(['JN_DEF_JOIN_ON tasks[1].joinOn[0]']);
  });
});
