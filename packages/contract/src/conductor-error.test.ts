import { joineryError } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { conductorMessageOf } from './conductor-error.ts';

describe('the message of an error', () => {
  it('is Conductor’s where clients compare it', () => {
    expect(conductorMessageOf(joineryError('JN_RUN_NOT_FOUND', { runId: 'x$&' }))).toBe(
      'No such workflow found by id: x$&',
    );
    expect(conductorMessageOf(joineryError('JN_DEF_EXISTS', { name: 'a', version: 2 }))).toBe(
      'Workflow with a.2 already exists!',
    );
  });

  it('is ours elsewhere, and never longer than a line', () => {
    const ours = joineryError('JN_REQUEST_INVALID', { what: 'a', problem: 'b' });
    expect(conductorMessageOf(ours)).toBe('a: b');
    const long = joineryError('JN_TASK_DEF_NOT_FOUND', { name: 'x'.repeat(10_000) });
    expect(conductorMessageOf(long).length).toBeLessThan(400);
  });
});
