import { describe, expect, it } from 'vitest';
import { reasonOf, taskResultSchema } from './task-result.ts';

const minimal = { workflowInstanceId: 'w', taskId: 't' };

describe('a task result', () => {
  it('needs a run and a task, and drops what it does not know', () => {
    expect(taskResultSchema.parse({ ...minimal, more: 1 })).toEqual(minimal);
    expect(taskResultSchema.safeParse({ taskId: 't' }).success).toBe(false);
  });

  it.each([
    { status: 'DONE' },
    { outputData: [] },
    { callbackAfterSeconds: -1 },
    { extendLease: 'yes' },
    { logs: [{ log: 1 }] },
  ])('is refused with %j', (wrong) => {
    expect(taskResultSchema.safeParse({ ...minimal, ...wrong }).success).toBe(false);
  });

  it('has a reason of at most 500 characters', () => {
    expect(reasonOf('x'.repeat(501))).toHaveLength(500);
    expect(reasonOf(undefined)).toBe('');
  });
});
