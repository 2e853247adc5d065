import { runIdOf, taskKeyOf } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { conductorTaskIdOf, parseConductorTaskId } from './conductor-task-id.ts';

const runId = runIdOf(3, 'abcdefgh1234');

describe('a task id on the wire', () => {
  it.each(['charge', 'a b/ü.x', 'loop__3'])('names the attempt of %j, and reads back', (ref) => {
    const attempt = { runId, key: taskKeyOf(ref), attempt: 12 };
    const id = conductorTaskIdOf(attempt);
    expect(id).toMatch(/^[A-Za-z0-9_=.-]+\.12$/);
    expect(parseConductorTaskId(id)).toEqual(attempt);
  });

  it('differs between attempts', () => {
    const task = { runId, key: taskKeyOf('charge') };
    expect(conductorTaskIdOf({ ...task, attempt: 1 })).not.toBe(
      conductorTaskIdOf({ ...task, attempt: 2 }),
    );
  });

  it.each(['', '.', 'nope', `${runId}.charge`, `${runId}.charge.0`, `${runId}.charge.x`, '..1'])(
    '%j is none',
    (text) => {
      expect(parseConductorTaskId(text)).toBeNull();
    },
  );
});
