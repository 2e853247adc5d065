import { describe, expect, it } from 'vitest';
import { BlobCache } from './blob-cache.ts';

const known = (cache: BlobCache, keys: string): string =>
  keys
    .split('')
    .filter((key) => cache.get(key) !== undefined)
    .join('');

describe('the cache of blobs', () => {
  it('gives back the very value that was put in', () => {
    const cache = new BlobCache();
    const value = { list: [1, 2] };
    cache.set('a', value, 10);
    expect(cache.get('a')).toBe(value);
    expect(cache.get('b')).toBeUndefined();
  });

  it('forgets what was used longest ago when it is full, by size', () => {
    const cache = new BlobCache(10);
    for (const key of 'abc') cache.set(key, key, 3);
    expect(cache.get('a')).toBe('a');
    cache.set('d', 'd', 6);
    expect(known(cache, 'abcd')).toBe('ad');
  });

  it('does not hold what is larger than itself, and keeps the rest', () => {
    const cache = new BlobCache(10);
    cache.set('a', 'a', 10);
    cache.set('b', 'b', 11);
    expect(known(cache, 'ab')).toBe('a');
  });

  it('counts a blob that is put in again once', () => {
    const cache = new BlobCache(10);
    for (let times = 0; times < 5; times += 1) cache.set('a', 'a', 4);
    cache.set('b', 'b', 6);
    expect(known(cache, 'ab')).toBe('ab');
  });
});
