import type { Json, JsonObject } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { type Flow, fork, operator, simple, startFlow } from '../../../test/flow.ts';

const ALL = 'onScheduled, onSuccess, onFailed,onCancelled';
const heard = (more: JsonObject = {}): JsonObject => ({
  onStateChange: { [ALL]: [{ type: 'redis:heard', payload: {} }] },
  ...more,
});
const retried = { retryCount: 1, taskDefinition: { name: 'a', retryDelaySeconds: 0 } };

/** Letters by their names, as `<key>@<attempt>:<state>`. */
function heardIn({ model }: Flow): readonly string[] {
  return [...model.letters.keys()]
    .filter((id) => id.startsWith('event:'))
    .map((id) => id.slice('event:'.length).replace(/\d$/, ''));
}

const begun = (tasks: readonly Json[]): Flow => startFlow(tasks);

describe('onStateChange', () => {
  it('tells that a task was scheduled, and what came of it', () => {
    const flow = begun([simple('a', heard())]);
    expect(heardIn(flow)).toEqual(['a@1:onScheduled']);
    flow.finish('a');
    expect(heardIn(flow)).toEqual(['a@1:onScheduled', 'a@1:onSuccess']);
  });

  it('tells of every attempt', () => {
    const flow = begun([simple('a', heard(retried))])
      .fail('a')
      .fail('a');
    const states = ['a@1:onScheduled', 'a@1:onFailed', 'a@2:onScheduled', 'a@2:onFailed'];
    expect(heardIn(flow)).toEqual(states);
    expect(flow.status).toBe('FAILED');
  });

  it('tells of an operator that is over at once', () => {
    const flow = begun([operator('NOOP', 'n', heard())]);
    expect(heardIn(flow)).toEqual(['n@1:onScheduled', 'n@1:onSuccess']);
  });

  it('tells of the last task of a branch, whose success decides nothing', () => {
    const branches = [[simple('a', heard())], [simple('b')]];
    const flow = begun(fork('f', branches, ['a', 'b'])).finish('a');
    expect(heardIn(flow)).toEqual(['a@1:onScheduled', 'a@1:onSuccess']);
  });

  it('tells of what is canceled with the run, and by a time-out', () => {
    const taskDefinition = { name: 'b', timeoutSeconds: 9, responseTimeoutSeconds: 9 };
    const branches = [[simple('a', heard())], [simple('b', heard({ taskDefinition }))]];
    const flow = begun(fork('f', branches, ['a', 'b'])).claim('b');
    flow.pass(9_000);
    expect(flow.status).toBe('TIMED_OUT');
    expect(heardIn(flow)).toEqual(
      expect.arrayContaining(['a@1:onCancelled', 'b@1:onFailed', 'b@1:onScheduled']),
    );
  });

  it('tells of a task that is done again by its new attempt, and of none that is skipped', () => {
    const flow = begun([simple('a', heard()), simple('b', heard())]);
    flow.operate({ type: 'skip', task: 'b', reason: 'test' });
    flow.finish('a');
    expect(flow.operate({ type: 'restart', reason: 'test' })).toBeNull();
    expect(heardIn(flow)).toEqual(['a@1:onScheduled', 'a@1:onSuccess', 'a@2:onScheduled']);
  });

  it('hears only of the states that it names; the payload is rendered, and names the task', () => {
    const events = [{ type: 'conductor:done', payload: { n: '${a.output.n}' } }];
    const flow = begun([simple('a', { onStateChange: { onSuccess: events } })]);
    expect(heardIn(flow)).toEqual([]);
    flow.finish('a', { n: 7 });
    const [letter] = flow.model.letters.values();
    expect(letter).toMatchObject({
      sink: 'conductor:w:done',
      payload: {
        n: 7,
        taskReferenceName: 'a',
        attempt: 1,
        status: 'COMPLETED',
        state: 'onSuccess',
      },
    });
  });

  it('leaves out a payload that is too large', () => {
    const events = [{ type: 'redis:x', payload: { all: '${a.output.text}' } }];
    const flow = begun([simple('a', { onStateChange: { onSuccess: events } })]);
    flow.finish('a', { text: 'x'.repeat(300_000) });
    const [letter] = flow.model.letters.values();
    expect(JSON.stringify(letter).length).toBeLessThan(2_000);
    expect(letter).toMatchObject({ payload: { problem: expect.stringContaining('TOO_LARGE') } });
  });

  it.each<[string, JsonObject]>([
    ['a state that is a claim', { onStart: [{ type: 'redis:x' }] }],
    ['a state that nobody knows', { 'onSuccess,onEnd': [{ type: 'redis:x' }] }],
    ['a sink elsewhere', { onSuccess: [{ type: 'kafka:x' }] }],
    ['a sink by expression', { onSuccess: [{ type: 'redis:${a.output.x}' }] }],
    ['no sink', { onSuccess: [{ payload: {} }] }],
    ['no list', { onSuccess: { type: 'redis:x' } }],
  ])('refuses %s', (_, onStateChange) => {
    const problem = expect.objectContaining({ code: 'JN_DEF_UNSUPPORTED' });
    expect(() => begun([simple('a', { onStateChange })])).toThrow(problem);
  });
});
