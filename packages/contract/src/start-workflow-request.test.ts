import { isJoineryError } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { parseStartWorkflowRequest } from './start-workflow-request.ts';

function problemsOf(payload: unknown): unknown {
  try {
    parseStartWorkflowRequest(payload);
  } catch (error) {
    if (isJoineryError(error, 'JN_REQUEST_INVALID')) return error.details['problems'];
    throw error;
  }
  return 'accepted';
}

describe('a start request', () => {
  it('needs nothing but a name', () => {
    expect(parseStartWorkflowRequest({ name: 'order' })).toEqual({ name: 'order' });
  });

  it('keeps every field that Conductor knows, and nested nulls of the input', () => {
    const request = {
      name: 'order',
      version: 3,
      correlationId: 'c-1',
      input: { items: [1, null, { a: true }], note: null },
      taskToDomain: { '*': 'NO_DOMAIN' },
      workflowDef: { name: 'order', tasks: [] },
      externalInputPayloadStoragePath: '',
      priority: 99,
      createdBy: 'me',
      idempotencyKey: 'k',
      idempotencyStrategy: 'FAIL_ON_RUNNING',
    };
    expect(parseStartWorkflowRequest(request)).toEqual(request);
  });

  it('may say null for what it does not say, and may say more than we know', () => {
    const request = { name: 'order', version: null, input: null, ownerApp: 'x' };
    expect(parseStartWorkflowRequest(request)).toEqual({ name: 'order' });
  });

  it.each([
    [{}, /^name: /u],
    [{ name: '' }, /^name: /u],
    [{ name: null }, /^name: /u],
    [{ name: 'a', priority: 100 }, /^priority: /u],
    [{ name: 'a', priority: -1 }, /^priority: /u],
    [{ name: 'a', version: 1.5 }, /^version: /u],
    [{ name: 'a', input: [] }, /^input: /u],
    [{ name: 'a', input: { at: new Date(0) } }, /^input\.at: /u],
    [{ name: 'a', idempotencyStrategy: 'fail' }, /^idempotencyStrategy: /u],
    [{ name: 'a', externalInputPayloadStoragePath: 'p' }, /^externalInput/u],
    ['order', /^the request: /u],
    [null, /^the request: /u],
    [[], /^the request: /u],
  ])('%j is refused by field', (payload, problem) => {
    expect(problemsOf(payload)).toEqual([expect.stringMatching(problem)]);
  });

  it('is refused with all its problems at once', () => {
    expect(problemsOf({ priority: 'high' })).toHaveLength(2);
  });

  it('cannot reach a prototype through its field names', () => {
    const parsed = parseStartWorkflowRequest(
      JSON.parse('{"name":"a","__proto__":{"priority":7},"input":{"__proto__":{"x":1}}}'),
    );
    expect(parsed.priority).toBeUndefined();
    expect(({} as { x?: number }).x).toBeUndefined();
  });
});
