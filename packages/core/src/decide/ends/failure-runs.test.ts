import { describe, expect, it } from 'vitest';
import { parseRunId, type StartFailureRunLetter } from '@joinery/core';
import { operator, simple, startFlow, type Flow } from '../../../test/flow.ts';

const workflow = { failureWorkflow: 'undo', failureWorkflowVersion: 2 };

function lettersOf({ model }: Flow): readonly StartFailureRunLetter[] {
  return [...model.letters.values()].flatMap((letter) =>
    letter.type === 'start-failure-run' ? [letter] : [],
  );
}

describe('the failure workflow of a run', () => {
  it('is asked for in the very commit in which the run fails, and named in its output', () => {
    const flow = startFlow([simple('a'), simple('b')], { workflow });
    flow.store('a', 'FAILED');
    expect(flow.decideOnce().commands.some((each) => each.type === 'send')).toBe(false);
    const { commands } = flow.decideOnce();
    expect(flow.status).toBe('FAILED');
    const [letter] = lettersOf(flow);
    expect(letter).toMatchObject({ name: 'undo', version: 2, task: 'a' });
    expect(parseRunId(letter?.to ?? '')).not.toBeNull();
    expect(commands).toContainEqual({ type: 'send', letter });
    expect(flow.data('run:output')).toEqual({ 'conductor.failure_workflow': letter?.to });
  });

  it.each([
    ['a failed task', (flow: Flow) => flow.failForGood('a'), 'a'],
    ['a task out of time', (flow: Flow) => flow.claim('a').pass(2_000), 'a'],
    ['a run out of time', (flow: Flow) => flow.pass(5_000), null],
  ])('follows %s', (_what, end, task) => {
    const taskDefs = [{ name: 'a', timeoutSeconds: 1 }];
    const limits = { timeoutSeconds: 4, timeoutPolicy: 'TIME_OUT_WF' };
    const flow = startFlow([simple('a')], { workflow: { ...workflow, ...limits }, taskDefs });
    expect(lettersOf(end(flow))).toMatchObject([{ name: 'undo', task }]);
  });

  it.each(['FAILED', 'TERMINATED'])('follows a TERMINATE task that says %s', (status) => {
    const inputParameters = { terminationStatus: status, workflowOutput: { left: 1 } };
    const flow = startFlow([operator('TERMINATE', 't', { inputParameters })], { workflow });
    const [letter] = lettersOf(flow);
    expect(letter).toMatchObject({ name: 'undo' });
    const noted = { 'conductor.failure_workflow': letter?.to };
    expect(flow.data('run:output')).toEqual({ left: 1, ...noted });
  });

  it('follows a permissive task at the end of its run', () => {
    const flow = startFlow([simple('a', { permissive: true }), simple('b')], { workflow });
    flow.fail('a').finish('b');
    expect(lettersOf(flow)).toMatchObject([{ task: 'a' }]);
  });

  it('does not follow a run that completes, or that somebody terminates', () => {
    const done = startFlow([simple('a')], { workflow }).finish('a');
    const stopped = startFlow([simple('a')], { workflow });
    stopped.operate('terminate');
    expect([...lettersOf(done), ...lettersOf(stopped)]).toEqual([]);
    expect(stopped.status).toBe('TERMINATED');
  });

  it('follows a termination that asks for it', () => {
    const flow = startFlow([simple('a')], { workflow });
    flow.operate({ type: 'terminate', reason: 'undo it', triggersFailureWorkflow: true });
    expect(lettersOf(flow)).toMatchObject([{ name: 'undo', task: null }]);
  });

  it.each(['$workflow.input.undo', '${workflow.input.undo}'])('may be named by %s', (written) => {
    const named = (input: { readonly undo?: string }): Flow =>
      startFlow([simple('a')], { workflow: { failureWorkflow: written }, input }).fail('a');
    expect(lettersOf(named({ undo: 'revert' }))).toMatchObject([{ name: 'revert', version: null }]);
    const nameless = named({});
    expect(lettersOf(nameless)).toEqual([]);
    expect(nameless.data('run:output')).toEqual({
      'conductor.failure_workflow': `failureWorkflow ${written} names no workflow`,
    });
  });
});
