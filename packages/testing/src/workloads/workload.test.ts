import { parseWorkflowDef } from '@joinery/core';
import { expect, test } from 'vitest';
import {
  chain,
  crazyNestedForkJoin,
  dynamicFork,
  nestedOperators,
  tree,
  waitingFork,
  wideFork,
} from './known-workloads.ts';
import { expectedValues, stepValue } from './workload.ts';

test('the crazy nested fork-join has thirteen steps and four joins, and its joins wait for what it says', () => {
  const { steps, joins, definition } = crazyNestedForkJoin();
  expect(steps.size).toBe(13);
  expect(Object.fromEntries(joins)).toEqual({
    join_8: ['n_5', 'n_7'],
    join_11: ['n_11a', 'n_11b'],
    join_14: ['n_13', 'n_12'],
    join_17: ['n_9', 'n_15', 'n_16'],
  });
  expect(steps.get('n_7')).toEqual(['n_6']);
  expect(steps.get('n_13')).toEqual(['n_1']);
  expect(steps.get('n_12')).toEqual(['n_11a', 'n_11b']);
  expect(steps.get('n_18')).toEqual(['n_9', 'n_15', 'n_16']);
  expect(() => parseWorkflowDef(definition)).not.toThrow();
});

test.each([
  [tree(3, 3), 27 + 13 + 1, 13],
  [tree(5, 2), 32 + 31 + 1, 31],
  [chain(5), 5, 0],
  [wideFork(10), 12, 1],
  [nestedOperators(), 14, 2],
  [waitingFork(), 6, 1],
  [dynamicFork(10), 11, 1],
])('$name is a definition that parses, of the promised size', (workload, steps, joins) => {
  expect(workload.steps.size).toBe(steps);
  expect(workload.joins.size).toBe(joins);
  expect(() => parseWorkflowDef(workload.definition)).not.toThrow();
});

test('every value depends on the seed and on every value before it', () => {
  const workload = crazyNestedForkJoin();
  const values = expectedValues(workload, 1);
  expect([...values.values()].every(Number.isSafeInteger)).toBe(true);
  expect(values.get('n_18')).not.toBe(expectedValues(workload, 2).get('n_18'));
  const [n9 = 0, n15 = 0, n16 = 0] = ['n_9', 'n_15', 'n_16'].map((ref) => values.get(ref));
  const swapped = stepValue({ ref: 'n_18', seed: 1, from: [n15, n9, n16] });
  expect(stepValue({ ref: 'n_18', seed: 1, from: [n9, n15, n16] })).toBe(values.get('n_18'));
  expect(swapped).not.toBe(values.get('n_18'));
});
