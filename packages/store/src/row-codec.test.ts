import { TASK_STATUSES, type TaskRow, taskKeyOf } from '@joinery/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRow, encodeRow, stampsOf } from './row-codec.ts';

const text = fc.string({ unit: 'grapheme' });
const count = fc.nat(1_000_000);
const key = fc.string({ minLength: 1 }).map((name) => taskKeyOf(name));
const row: fc.Arbitrary<TaskRow> = fc.record({
  key,
  ref: fc.string({ minLength: 1 }),
  iteration: count,
  type: fc.constantFrom('SIMPLE', 'JOIN'),
  name: text,
  seq: count,
  status: fc.constantFrom(...TASK_STATUSES),
  attempt: count,
  dispatch: count,
  deliveries: count,
  maxDeliveries: count,
  rev: count,
  token: text,
  worker: text,
  isSettled: fc.boolean(),
  isTail: fc.boolean(),
  joins: fc.dictionary(fc.stringMatching(/^[a-z]\w{0,9}$/), fc.integer({ min: 0, max: 99 })),
  isOptional: fc.boolean(),
  isPermissive: fc.boolean(),
  priority: count,
  timeoutMs: count,
  responseTimeoutMs: count,
  pollTimeoutMs: count,
  cursor: count,
  origin: fc.option(fc.record({ fork: key, index: count })),
  reason: text,
  scheduledAt: count,
  firstScheduledAt: count,
  startedAt: count,
  endedAt: count,
});

describe('a stored row', () => {
  it('reads back as what was written', () => {
    fc.assert(
      fc.property(row, (written) => {
        const copy = { ...written, joins: { ...written.joins } };
        expect(decodeRow(`${written.rev} ${encodeRow(written)}`)).toEqual(copy);
      }),
    );
  });
  it('holds nothing empty, which Lua would turn around, and no revision', () => {
    fc.assert(
      fc.property(row, (written) => {
        const stored = Object.entries<unknown>(JSON.parse(encodeRow(written)));
        const empties = new Set(['{}', '[]', '""', 'false', 'null', '0']);
        expect(stored.filter(([, value]) => empties.has(JSON.stringify(value)))).toEqual([]);
        expect(stored.map(([name]) => name)).not.toContain('rev');
      }),
    );
  });
  it('leaves scheduledAt of a fresh row to the script', () => {
    fc.assert(
      fc.property(row, (written) => {
        expect(encodeRow(written, true)).not.toContain('"scheduledAt"');
      }),
    );
  });
  it('keeps the place in a list even when it is the first', () => {
    const origin = { fork: taskKeyOf('fork'), index: 0 };
    const [sample] = fc.sample(row, 1);
    if (sample === undefined) throw new Error('no sample');
    expect(decodeRow(`1 ${encodeRow({ ...sample, origin })}`).origin).toEqual(origin);
  });
  it('holds whole characters only: half of one is replaced', () => {
    const [sample] = fc.sample(row, 1);
    if (sample === undefined) throw new Error('no sample');
    const encoded = encodeRow({ ...sample, reason: 'cut \ud83d' });
    expect(encoded).toContain('cut \ufffd');
  });
  it.each([
    '',
    '{}',
    'x {}',
    ' {}',
    '1 {',
    '1 {}',
    '1 {"key":"a","ref":"a","type":"T","status":"X"}',
  ])('%j is refused', (stored) => {
    expect(() => decodeRow(stored)).toThrow(/revision|JSON|Invalid|invalid/);
  });
});

describe('the moments that the script stamps', () => {
  const [sample] = fc.sample(row, 1);
  it.each([
    ['SCHEDULED', 0, 0, true, 'sf'],
    ['SCHEDULED', 5, 0, true, 's'],
    ['COMPLETED', 5, 0, true, 'se'],
    ['CANCELED', 0, 0, false, 'e'],
    ['CANCELED', 0, 7, false, ''],
  ] as const)('of a %s row, first scheduled at %i, ended at %i, fresh %s: %j', (...sampled) => {
    const [status, firstScheduledAt, endedAt, isFresh, stamps] = sampled;
    if (sample === undefined) throw new Error('no sample');
    expect(stampsOf({ ...sample, status, firstScheduledAt, endedAt }, isFresh)).toBe(stamps);
  });
});
