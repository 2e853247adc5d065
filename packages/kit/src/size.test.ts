import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatSize, parseSize } from './size.ts';

describe('size', () => {
  it.each([
    ['0B', 0],
    ['32KB', 32_768],
    ['10MB', 10_485_760],
    ['1gb', 1_073_741_824],
  ])('reads %s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', '32', 'KB', '-1KB', '1.5MB', '1 MB', '1TB', '9999999999999999GB'])(
    'refuses %s',
    (text) => {
      expect(parseSize(text)).toBeUndefined();
    },
  );

  it('reads back what it writes', () => {
    fc.assert(
      fc.property(fc.nat(Number.MAX_SAFE_INTEGER), (bytes) => {
        expect(parseSize(formatSize(bytes))).toBe(bytes);
      }),
    );
  });

  it('writes the largest unit that loses nothing', () => {
    expect([32_768, 1_000, 10_485_760].map(formatSize)).toEqual(['32KB', '1000B', '10MB']);
  });
});
