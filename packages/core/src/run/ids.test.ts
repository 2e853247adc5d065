import { expect, it } from 'vitest';
import { childRunIdOf, parseRunId, partitionFor, partitionOf, runIdOf, taskKeyOf } from './ids.ts';

const root = runIdOf(3, 'abcdefghijklmnopqrstuvwxyz');
const at = (unique: string): number => partitionFor(unique, 16);

it('the id of a child is a run id of its tree, at any depth', () => {
  let id = root;
  for (let depth = 0; depth < 40; depth += 1) {
    id = childRunIdOf(id, { key: taskKeyOf('é: d'), attempt: 1 }, at);
    expect(parseRunId(id)).toBe(id);
    expect(id.slice(3)).toMatch(/^abcdefghijklmnopqrstuvwxyz-[0-9a-f]{16}$/);
  }
});

it('children have ids of their own, over all partitions', () => {
  const ids = new Set<string>();
  const partitions = new Set<number>();
  for (let task = 0; task < 20_000; task += 1) {
    for (const attempt of [1, 2, 11]) {
      const id = childRunIdOf(root, { key: taskKeyOf(`t${task}`), attempt }, at);
      ids.add(id.slice(3));
      partitions.add(partitionOf(id));
    }
  }
  expect(ids.size).toBe(60_000);
  expect(partitions.size).toBe(16);
});
