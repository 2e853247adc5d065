import { type RedisServer, startRedis } from '@joinery/testing';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis[Symbol.asyncDispose]());

const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

async function runMain(): Promise<{ readonly code: number | null; readonly lines: string[] }> {
  const env = { ...process.env, REDIS_URL: redis.url };
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  return { code, lines: text.split('\n') };
}

it('the main job answers twice the same, once with a worker killed inside a handler, and ends well', async () => {
  const { code, lines } = await runMain();
  const matching = (pattern: RegExp): readonly string[] =>
    lines.filter((line) => pattern.test(line));
  // What it said is the only clue to what went wrong.
  expect({ code, lines: code === 0 ? [] : lines }).toEqual({ code: 0, lines: [] });
  expect(matching(/^run \S+ COMPLETED$/)).toHaveLength(2);
  expect(matching(/equals the one that was computed without the engine/)).toHaveLength(1);
  expect(
    matching(/SIGKILL: w\d \(process \d+\) is dead, inside the handler of [A-Z]{3}_/),
  ).toHaveLength(1);
  expect(matching(/redelivered \d+\.\d s after the kill/).length).toBeGreaterThan(0);
  expect(matching(/NOT handed out|DIFFERS/)).toEqual([]);
  expect(matching(/same as that of the first run/)).toHaveLength(1);
  expect(matching(/████/).length).toBeGreaterThan(0);
});
