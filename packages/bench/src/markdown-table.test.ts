import { expect, it } from 'vitest';
import { markdownTable, shown } from './markdown-table.ts';

it('renders a table, and numbers with three digits that mean something', () => {
  const text = markdownTable(['a', 'b'], [['x', shown(0.012345)]]);
  expect(text).toBe('| a | b |\n| --- | --- |\n| x | 0.0123 |\n');
  expect(shown(12_345.6)).toBe('12,346');
});
