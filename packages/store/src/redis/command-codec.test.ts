import { type Command } from '@joinery/core';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, it } from 'vitest';
import {
  dispatchOf,
  putAgain,
  putNew,
  taskRow,
  testKey,
  testRunId,
} from '../../test/fixtures/run-builders.ts';
import { encodeCommands } from './command-codec.ts';
import { PayloadStage } from './payloads.ts';
import { createRedisScope } from './redis-scope.ts';

// Never connects: encoding only names keys.
const redis = new Redis({ lazyConnect: true });
afterAll(() => redis.disconnect());

const encode = (commands: readonly Command[], inlineMaxBytes = 100) => {
  const scope = createRedisScope(redis, { inlineMaxBytes });
  const stage = new PayloadStage(scope, testRunId('one'));
  return { ...encodeCommands(commands, stage), blobs: stage.blobs };
};

describe('encoded commands', () => {
  it('are a flat list, one letter and its fields each', () => {
    const row = taskRow('a');
    const { args } = encode([
      putNew(row),
      putAgain({ ...row, rev: 4, status: 'COMPLETED', endedAt: 9 }),
      { type: 'send', letter: dispatchOf(row) },
      { type: 'arm-timer', timer: 'run', delayMs: 1.4 },
      { type: 'patch-run', patch: { closing: null, isRootDone: true, failedPermissive: [] } },
    ]);
    expect(args.slice(0, 4)).toEqual(['T', 'a', 0, 'sf']);
    expect(args.slice(5, 9)).toEqual(['T', 'a', 4, 't']);
    expect(args.slice(10, 13)).toEqual(['L', 'dispatch:a', 'a']);
    expect(args.slice(14, 17)).toEqual(['M', 'run', 1]);
    expect(args.slice(17, 20)).toEqual(['R', 'closing', '']);
    expect(args.slice(20, 23)).toEqual(['R', 'isRootDone', '1']);
    expect(args.slice(23)).toEqual(['R', 'failedPermissive', '']);
  });
  it('leave the beginning of a task to the script that stamps it', () => {
    const again = { ...putAgain({ ...taskRow('a'), rev: 1, startedAt: 7 }), isBegun: true };
    const [, , , flags, json] = encode([again]).args;
    expect(flags).toBe('b');
    expect(json).not.toContain('startedAt');
  });
  it('say how the number of open tasks changes, unless a command sets it', () => {
    const settled = { ...taskRow('b'), rev: 1, isSettled: true };
    const commands = [putNew(taskRow('a')), putNew(taskRow('c')), putAgain(settled)];
    expect(encode(commands).openDelta).toBe(1);
    expect(encode([...commands, { type: 'patch-run', patch: { open: 7 } }])).toMatchObject({
      openDelta: 0,
    });
  });
  it('name a large payload instead of holding it', () => {
    const put = { type: 'put-data', field: 'o:a', value: 'x'.repeat(200) } as const;
    const { args, blobs } = encode([put]);
    expect(args[2]).toMatch(/^@[a-z2-7]{26}$/);
    expect(blobs).toMatchObject([{ text: JSON.stringify(put.value) }]);
    expect(encode([{ ...put, value: '@home' }]).args[2]).toBe('"@home"');
  });
  it.each([Number.NaN, 1e14, 0.5])('refuse %d, which Lua would not carry exactly', (attempt) => {
    expect(() => encode([{ type: 'keep-attempt', key: testKey('a'), attempt }])).toThrow(
      RangeError,
    );
  });
});
