import { expect, it } from 'vitest';
import { commandOf } from './monitor-redis.ts';

it('reads a command of a client, with quotes and blanks in its arguments', () => {
  const line = '+1795334917.78 [0 127.0.0.1:37080] "zrem" "jn:{0e}:unsent" "a \\"b\\" c"';
  expect(commandOf(line)).toEqual({
    args: ['zrem', 'jn:{0e}:unsent', String.raw`a \"b\" c`],
    isNested: false,
  });
});

it('tells what a script runs from what a client asks', () => {
  expect(commandOf('+1.2 [0 lua] "GET" "k"')).toEqual({ args: ['GET', 'k'], isNested: true });
});
