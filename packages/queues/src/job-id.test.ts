import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jobIdOf, jobNameOf, parseJobId } from './job-id.ts';

describe('a job id', () => {
  it('gives its parts back, whatever dots the task id has', () => {
    const taskId = fc.stringMatching(/^[A-Za-z0-9_.=-]{1,40}$/u);
    fc.assert(
      fc.property(taskId, fc.nat(), fc.nat(), (id, attempt, dispatch) => {
        const parts = { taskId: id, attempt, dispatch };
        expect(parseJobId(jobIdOf(parts))).toEqual(parts);
      }),
    );
  });

  it.each(['', 'a:b'])('is not made of the task id %j', (taskId) => {
    expect(() => jobIdOf({ taskId, attempt: 1, dispatch: 1 })).toThrow('task id');
  });

  it.each(['', '17', 'a.1', '.1.1', 'a.1.x', 'a.-1.1', 'a:b.1.1', 'a.1.1 '])(
    'is not read from %j',
    (text) => expect(parseJobId(text)).toBeNull(),
  );
});

it('a job is called after its definition and its task', () => {
  expect(jobNameOf({ definition: 'order', ref: 'charge' })).toBe('order/charge');
});
