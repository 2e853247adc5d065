import { expect, it } from 'vitest';
import { tagSchema, withoutTags, withTags } from './tag.ts';

const red = { key: 'team', value: 'red' };
const blue = { key: 'team', value: 'blue' };

it('adds a tag once, and removes it by key and value', () => {
  expect(withTags([red], [red, blue, blue])).toEqual([red, blue]);
  expect(withoutTags([red, blue], [blue, { key: 'x', value: '' }])).toEqual([red]);
});

it('reads what clients send: a type is dropped, a value may be missing', () => {
  expect(tagSchema.parse({ key: 'a', type: 'METADATA' })).toEqual({ key: 'a', value: '' });
  expect(tagSchema.safeParse({ value: 'x' }).success).toBe(false);
});
