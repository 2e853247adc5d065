import { parseWorkflowDef } from '@joinery/core';
import { createMemoryDefinitionStore } from '@joinery/store';
import { describe, expect, it } from 'vitest';
import { forkDefinition } from '../../test/fixtures/test-engine.ts';
import { pinDefinition } from './pin-definition.ts';
import { canonicalJson, pinnedContent, taskNames } from './pinned-content.ts';
import { PreparedDefinitions } from './prepared-definitions.ts';

describe('pinning a definition', () => {
  it('names a content by its hash, whatever the order of its fields', () => {
    const one = pinnedContent({ a: 1, b: { c: [1, 2], d: null } }, {});
    const other = pinnedContent({ b: { d: null, c: [1, 2] }, a: 1 }, {});
    expect(one.planId).toBe(other.planId);
    expect(one.planId).toMatch(/^[0-9a-f]{64}$/);
  });

  it('tells contents apart, also by their task definitions alone', () => {
    const ids = [
      pinnedContent({ a: [1, 2] }, {}),
      pinnedContent({ a: [2, 1] }, {}),
      pinnedContent({ a: [1, 2] }, { t: {} }),
    ].map(({ planId }) => planId);
    expect(new Set(ids).size).toBe(3);
    expect(canonicalJson({ b: 1, a: [{ d: 1, c: 2 }] })).toBe('{"a":[{"c":2,"d":1}],"b":1}');
  });

  it('finds the names of tasks at every depth', () => {
    const names = taskNames(parseWorkflowDef(forkDefinition));
    expect(names.toSorted()).toEqual(['a', 'after', 'b', 'c', 'fork', 'join']);
  });

  it('keeps the content together with the task definitions that it uses', async () => {
    const definitions = createMemoryDefinitionStore();
    const prepared = new PreparedDefinitions();
    await definitions.putTask('a', { name: 'a', retryCount: 7 });
    await definitions.putTask('unused', { name: 'unused' });
    const pinned = await pinDefinition({ definitions }, prepared.prepare(forkDefinition));
    expect(pinned.taskDefs).toEqual({ a: { name: 'a', retryCount: 7 } });
    expect(await definitions.getPinned(pinned.planId)).toEqual(pinned);
  });

  it('parses a text once, and takes what is registered anew at once', async () => {
    const definitions = createMemoryDefinitionStore();
    const prepared = new PreparedDefinitions();
    const first = prepared.prepare(forkDefinition);
    expect(prepared.prepare({ ...forkDefinition })).toBe(first);
    expect(prepared.prepare({ ...forkDefinition, description: 'new' })).not.toBe(first);
    const before = await pinDefinition({ definitions }, first);
    expect((await pinDefinition({ definitions }, first)).planId).toBe(before.planId);
    await definitions.putTask('a', { name: 'a', retryCount: 7 });
    const after = await pinDefinition({ definitions }, first);
    expect(after.planId).not.toBe(before.planId);
    expect(after.taskDefs).toEqual({ a: { name: 'a', retryCount: 7 } });
  });
});
