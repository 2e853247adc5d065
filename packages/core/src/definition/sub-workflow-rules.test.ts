import { describe, expect, it } from 'vitest';
import { isJoineryError } from '../errors/joinery-error.ts';
import { parseWorkflowDef } from './parse-workflow-def.ts';

const task = (type: string, more: object): object => ({
  name: 'a',
  taskReferenceName: 'a',
  type,
  ...more,
});

function problemsOf(tasks: readonly object[]): readonly string[] {
  try {
    parseWorkflowDef({ name: 'w', tasks });
    return [];
  } catch (error) {
    if (!isJoineryError(error) || !Array.isArray(error.details['problems'])) throw error;
    return error.details['problems'].map(({ code, path }) => `${code} ${path}`);
  }
}

const sub = (subWorkflowParam: object): object => task('SUB_WORKFLOW', { subWorkflowParam });

describe('SUB_WORKFLOW and START_WORKFLOW in a definition', () => {
  it.each([
    sub({ name: 'child' }),
    sub({ name: '${workflow.input.which}', version: 3, priority: '${workflow.input.p}' }),
    sub({ workflowDefinition: '${workflow.input.definition}' }),
    sub({ workflowDefinition: { name: 'x', tasks: [task('NOOP', {})] } }),
    task('START_WORKFLOW', { inputParameters: { startWorkflow: { name: 'x' } } }),
    task('START_WORKFLOW', { inputParameters: { startWorkflow: '${workflow.input.request}' } }),
  ])('are taken: %j', (written) => {
    expect(problemsOf([written])).toEqual([]);
  });

  it.each([
    [task('SUB_WORKFLOW', {}), 'JN_DEF_REQUIRED tasks[0].subWorkflowParam'],
    [sub({ version: 1 }), 'JN_DEF_REQUIRED tasks[0].subWorkflowParam'],
    [
      sub({ workflowDefinition: 'child' }),
      'JN_DEF_REQUIRED tasks[0].subWorkflowParam.workflowDefinition',
    ],
    [sub({ name: '${nobody.output.x}' }), 'JN_DEF_UNKNOWN_REF tasks[0].subWorkflowParam'],
    [sub({ name: 'c', idempotencyKey: 'k' }), 'JN_DEF_UNSUPPORTED tasks[0].subWorkflowParam'],
    [
      sub({ workflowDefinition: { name: 'x', tasks: [task('USER_DEFINED', {})] } }),
      'JN_DEF_UNSUPPORTED tasks[0].subWorkflowParam.workflowDefinition.tasks[0].type',
    ],
    [task('START_WORKFLOW', {}), 'JN_DEF_REQUIRED tasks[0].inputParameters.startWorkflow'],
  ])('are refused: %j', (written, problem) => {
    expect(problemsOf([written])).toEqual([problem]);
  });
});
