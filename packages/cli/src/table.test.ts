import { describe, expect, it } from 'vitest';
import { momentText, renderTable, spanText } from './table.ts';

describe('a table', () => {
  it('has columns as wide as their widest cell, and nothing behind the last', () => {
    expect(renderTable(['A', 'B'], [['long', 'x'], ['é', ''], ['z']])).toEqual([
      'A     B',
      'long  x',
      'é',
      'z',
    ]);
  });

  it('writes moments in UTC', () => {
    expect(momentText(Date.UTC(2026, 0, 2, 3, 4, 5, 678))).toBe('2026-01-02T03:04:05Z');
    expect(momentText(0)).toBe('-');
  });

  it.each([
    [1, 1, '0ms'],
    [1, 341, '340ms'],
    [1, 2_501, '2.5s'],
    [1, 200_001, '3m 20s'],
    [1, 7_260_001, '2h 1m'],
    [5, 1, '0ms'],
    [0, 1, '-'],
    [1, 0, '-'],
  ])('writes the time from %i to %i as %s', (from, to, text) => {
    expect(spanText(from, to)).toBe(text);
  });
});
