import { runIdOf } from '@joinery/core';
import { describe, expect, it } from 'vitest';
import { createKeyBuilder, idempotencyHash } from './key-builder.ts';

const keys = createKeyBuilder('app', 256);
const runId = runIdOf(200, 'abcdefgh');

/** What Redis Cluster hashes: the text between the first braces. */
const tagOf = (key: string): string => /\{([^}]+)\}/.exec(key)?.[1] ?? key;

describe('the keys of a run', () => {
  it('stand in one slot with those of its partition, its blobs and its idempotency key', () => {
    const all = [
      ...keys.runScriptKeys(runId),
      keys.partition(200).clock,
      keys.blob(runId, 'b1'),
      keys.idempotency(200, idempotencyHash('order', 'k')),
    ];
    expect(new Set(all.map(tagOf)).size).toBe(1);
    expect(new Set(all).size).toBe(all.length);
  });
  it('begin with the prefix, like all others', () => {
    const others = [keys.workflow('w'), keys.taskDefs, keys.nudges, keys.tunables, keys.fleetInfo];
    for (const key of [...keys.runScriptKeys(runId), ...others]) expect(key).toMatch(/^app:\{/);
  });
  it('of a partition that does not exist meet no key that does', () => {
    const few = createKeyBuilder('app', 2);
    expect(few.run(runId).run).not.toContain(tagOf(few.partition(0).attention));
    expect(tagOf(few.run(runId).run)).toBe('no-200');
  });
});

describe('an idempotency key', () => {
  it('belongs to its definition, wherever the two are cut', () => {
    expect(idempotencyHash('ab', 'c')).not.toBe(idempotencyHash('a', 'bc'));
  });
});
