import { expect, it } from 'vitest';
import { partitionTags, slotOf } from './slot-tags.ts';

it('a slot is what Redis Cluster computes', () => {
  expect(slotOf('123456789')).toBe(12_739);
  expect(slotOf('foo')).toBe(12_182);
});

it.each([1, 16, 256])('the tags of %i partitions fall one into each equal band of slots', (n) => {
  const bands = partitionTags(n).map((tag) => Math.floor(slotOf(tag) / (16_384 / n)));
  expect(bands).toEqual(Array.from({ length: n }, (_none, band) => band));
});

it('a tag begins with its partition and never changes', () => {
  expect(partitionTags(16).map((tag) => Number.parseInt(tag.slice(0, 2), 16))).toEqual(
    Array.from({ length: 16 }, (_none, partition) => partition),
  );
  expect(partitionTags(16).join(' ')).toMatchInlineSnapshot(
    `"00dd 01dc 02d 03fc 04c 05ad 06bd 07bc 08bb 09c 0add 0bab 0cfa 0dfa 0e 0fda"`,
  );
});
