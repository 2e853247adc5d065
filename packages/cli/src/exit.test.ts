import { joineryError, parseWorkflowDef } from '@joinery/core';
import { parseConfig } from '@joinery/kit';
import { describe, expect, it } from 'vitest';
import { failureOf, UsageError } from './exit.ts';

function thrownBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was thrown');
}

describe('a failure on a terminal', () => {
  it('is one line with its code, and what to do', () => {
    const error = joineryError('JN_RUN_NOT_FOUND', { runId: '00-nobody' });
    expect(failureOf(error)).toEqual({
      lines: [
        'JN_RUN_NOT_FOUND: Run 00-nobody does not exist',
        '  what to do: Check the id; the run may have been purged after its retention time.',
      ],
      exitCode: 1,
    });
  });

  it('names every problem of a definition, and how many are left over', () => {
    const task = { name: 'a', taskReferenceName: 'a', type: 'SIMPLE' };
    const tasks = Array.from({ length: 25 }, () => task);
    const error = thrownBy(() => parseWorkflowDef({ name: 'bad', tasks }));
    const { lines, exitCode } = failureOf(error);
    expect(exitCode).toBe(1);
    expect(lines).toHaveLength(1 + 20 + 1 + 1);
    expect(lines[1]).toMatch(/^ {2}- JN_DEF_DUPLICATE_REF: tasks\[/);
    expect(lines.at(-2)).toBe('  - and 4 more');
  });

  it('of the configuration ends with 78 and shows no secret', () => {
    const env = { REDIS_URL: 'http://me:secret@host', LOG_LEVEL: 'loud' };
    const { lines, exitCode } = failureOf(thrownBy(() => parseConfig(env)));
    expect(exitCode).toBe(78);
    expect(lines.join('\n')).toContain('LOG_LEVEL: expected one of');
    expect(lines.join('\n')).not.toContain('secret');
  });

  it('of usage ends with 2, and one that is not ours says no more than its message', () => {
    expect(failureOf(new UsageError('no'))).toEqual({ lines: ['error: no'], exitCode: 2 });
    const unknown = failureOf(new Error('redis://me:secret@host is away'));
    expect(unknown).toEqual({ lines: ['error: redis://***@host is away'], exitCode: 1 });
  });
});
