import { describe, expect, it } from 'vitest';
import { startRequestOf } from './start-request.ts';

describe('a start request of Conductor', () => {
  it('becomes ours field by field', () => {
    const request = {
      name: 'single',
      version: 2,
      correlationId: 'c',
      input: { x: null },
      priority: 9,
      idempotencyKey: 'mine',
      idempotencyStrategy: 'FAIL' as const,
      workflowDef: { name: 'single', tasks: [] },
      createdBy: 'me',
    };
    expect(startRequestOf(request, 'default')).toEqual({
      name: 'single',
      version: 2,
      correlationId: 'c',
      input: { x: null },
      priority: 9,
      idempotencyKey: 'mine',
      idempotencyStrategy: 'FAIL',
      definition: { name: 'single', tasks: [] },
    });
  });

  it('means the latest version by 0, and takes the key of its job when it has none', () => {
    expect(startRequestOf({ name: 'single', version: 0 }, 'default')).toEqual({
      name: 'single',
      idempotencyKey: 'default',
    });
  });
});
