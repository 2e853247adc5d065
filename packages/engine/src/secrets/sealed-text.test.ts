import { expect, it } from 'vitest';
import { openText, sealingKeyOf, sealText } from './sealed-text.ts';

const key = sealingKeyOf('a secret of thirty-two characters');

it('opens what was sealed, and shows nothing of it before', () => {
  const sealed = sealText(key, 'DB', 'pässword "x"');
  expect(sealed).not.toContain('ssword');
  expect(openText(key, 'DB', sealed)).toBe('pässword "x"');
  expect(openText(key, 'EMPTY', sealText(key, 'EMPTY', ''))).toBe('');
});

it('seals the same text differently each time', () => {
  expect(sealText(key, 'DB', 'x')).not.toBe(sealText(key, 'DB', 'x'));
});

it('opens nothing with another key, under another name, or when a byte was changed', () => {
  const sealed = sealText(key, 'DB', 'x');
  const bytes = Buffer.from(sealed.slice(3), 'base64');
  expect(openText(sealingKeyOf('another secret of many characters'), 'DB', sealed)).toBeNull();
  expect(openText(key, 'OTHER', sealed)).toBeNull();
  for (let index = 0; index < bytes.length; index += 1) {
    const changed = Buffer.from(bytes);
    changed[index] = (changed[index] ?? 0) ^ 1;
    expect(openText(key, 'DB', `v1.${changed.toString('base64')}`)).toBeNull();
  }
  for (const wrong of ['', 'v1.', 'v1', 'v2.AAAA', sealed.slice(0, 20)]) {
    expect(openText(key, 'DB', wrong)).toBeNull();
  }
});
