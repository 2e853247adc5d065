import { expect, test } from 'vitest';
import { recordEnds } from './aof-records.ts';

const set = '*3\r\n$3\r\nSET\r\n$1\r\na\r\n$4\r\nx\r\ny\r\n';
const ping = '*1\r\n$4\r\nPING\r\n';

test('commands end where the next one begins, whatever their arguments hold', () => {
  const file = Buffer.from(set + ping + set);
  const ends = [set.length, set.length + ping.length, 2 * set.length + ping.length];
  expect(recordEnds(file)).toEqual(ends);
});

test('a command that is not whole does not end', () => {
  for (let cut = 1; cut < ping.length; cut += 1) {
    expect(recordEnds(Buffer.from((set + ping).slice(0, -cut)))).toEqual([set.length]);
  }
  expect(recordEnds(Buffer.from('nonsense'))).toEqual([]);
});
