import { isJoineryError, runIdOf } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { decodeEntry, encodeEntry } from './entry-codec.ts';

const entry = {
  runId: runIdOf(0, 'abcdefgh'),
  definition: 'order',
  definitionVersion: 2,
  status: 'FAILED',
  correlationId: 'c',
  idempotencyKey: 'k',
  parentId: '',
  priority: 3,
  createdAt: 4,
  updatedAt: 5,
  endedAt: 6,
  reason: 'né "x"',
} as const;

describe('an entry of the index', () => {
  it('is read as it was written, its reason cut', () => {
    expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
    expect(decodeEntry(encodeEntry({ ...entry, reason: 'x'.repeat(400) })).reason).toHaveLength(
      300,
    );
  });
  it.each([
    '{}',
    '[]',
    '7',
    encodeEntry(entry).replace('FAILED', 'LOST'),
    encodeEntry(entry).replace('00-', '00'),
  ])('is not read from %s', (text) => {
    let error: unknown;
    try {
      decodeEntry(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(isJoineryError(error, 'JN_STORE_CORRUPT')).toBe(true);
  });
});
