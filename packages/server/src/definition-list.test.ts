import { createMemoryDefinitionStore, type DefinitionStore } from '@joinery/store';
import { describe, expect, it } from 'vitest';
import { createDefinitionList } from './definition-list.ts';

/** A store that counts how often a definition is read. */
function counted(store: DefinitionStore): { readonly store: DefinitionStore; reads: number } {
  const site = {
    reads: 0,
    store: {
      ...store,
      getWorkflow: (name: string, version?: number) => {
        site.reads += 1;
        return store.getWorkflow(name, version);
      },
    },
  };
  return site;
}

const COUNT = 10_000;

describe('the list of 10,000 definitions', () => {
  it('is read once, however many ask, until one changes', async () => {
    const memory = createMemoryDefinitionStore();
    for (let n = 0; n < COUNT; n += 1) await memory.putWorkflow(`wf${n}`, 1, { name: `wf${n}` });
    const site = counted(memory);
    const list = createDefinitionList(site.store);
    const [first, second] = await Promise.all([list(), list()]);
    expect(site.reads).toBe(COUNT);
    expect(second).toBe(first);
    expect(JSON.parse(first.every.body.toString())).toHaveLength(COUNT);
    await memory.putWorkflow('wf7', 2, { name: 'wf7', version: 2 });
    const changed = await list();
    expect(site.reads).toBe(2 * COUNT + 1);
    expect(changed.every.etag).not.toBe(first.every.etag);
    expect(JSON.parse(changed.latest.body.toString())).toHaveLength(COUNT);
    await memory.removeWorkflow('wf7', 2);
    expect((await list()).every.etag).toBe(first.every.etag);
  });

  it('is read again after a reading that failed', async () => {
    const memory = createMemoryDefinitionStore();
    await memory.putWorkflow('wf', 1, {});
    let isAway = true;
    const listWorkflows: DefinitionStore['listWorkflows'] = () =>
      isAway ? Promise.reject(new Error('away')) : memory.listWorkflows();
    const list = createDefinitionList({ ...memory, listWorkflows });
    await expect(list()).rejects.toThrow('away');
    isAway = false;
    expect((await list()).every.body.toString()).toBe('[{}]');
  });
});
