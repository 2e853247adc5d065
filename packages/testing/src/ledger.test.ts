import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openLedger } from './ledger.ts';

const dir = mkdtempSync(join(tmpdir(), 'joinery-ledger-'));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('a ledger holds what every process wrote, in order', () => {
  const file = join(dir, 'ledger');
  const ledger = openLedger(file);
  expect(ledger.read()).toEqual([]);
  const key = { taskId: 't1', attempt: 1, token: 'a' };
  ledger.begin(key);
  const line = JSON.stringify({ what: 'begin', ...key, token: 'b', pid: 1 });
  execFileSync('sh', ['-c', 'echo "$1" >> "$2"', 'sh', line, file]);
  ledger.end(key);
  expect(ledger.read().map(({ what, token }) => `${what} ${token}`)).toEqual([
    'begin a',
    'begin b',
    'end a',
  ]);
  expect(ledger.read()[0]?.pid).toBe(process.pid);
});
