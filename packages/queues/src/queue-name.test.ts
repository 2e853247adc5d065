import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { queueNameOf, START_QUEUE, taskTypeOf } from './queue-name.ts';

describe('a queue name', () => {
  it('is the task type where that is possible', () => {
    expect(queueNameOf('Send-mail_2')).toBe('Send-mail_2');
    expect(queueNameOf('a:b {c}')).toBe('a=3ab=20=7bc=7d');
    expect(queueNameOf('é')).toBe('=c3=a9');
  });

  it('gives the task type back and holds nothing that BullMQ or Redis Cluster would read', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (taskType) => {
        const name = queueNameOf(taskType);
        expect(name).toMatch(/^[A-Za-z0-9_=-]+$/u);
        expect(taskTypeOf(name)).toBe(taskType);
      }),
    );
  });

  it('is not the start queue for a task type of that name', () => {
    expect(queueNameOf(START_QUEUE)).not.toBe(START_QUEUE);
    expect(taskTypeOf(queueNameOf(START_QUEUE))).toBe(START_QUEUE);
    expect(taskTypeOf(START_QUEUE)).toBeNull();
  });

  it.each(['', '\ud800'])('does not exist for %j', (taskType) => {
    expect(() => queueNameOf(taskType)).toThrow('task type');
  });

  it.each(['', 'a:b', 'a=', 'a=g0', '=ff', 'é'])('%j is not one of ours', (name) => {
    expect(taskTypeOf(name)).toBeNull();
  });
});
