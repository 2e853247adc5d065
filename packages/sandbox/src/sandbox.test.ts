import type { Evaluation, EvaluationResult, Json } from '@joinery/core';
import { afterAll, describe, expect, it } from 'vitest';
import { createSandbox } from './sandbox.ts';

const sandbox = createSandbox({ limits: { timeoutMs: 1_000, outputSize: 1_000 } });
afterAll(() => sandbox.close());

const run = (
  script: string,
  input: Json = {},
  language: Evaluation['language'] = 'javascript',
): Promise<EvaluationResult> => sandbox.evaluate({ id: 'x', language, script, input });

describe('a script', () => {
  it.each<[string, Json, Json]>([
    ['1 + 1', {}, 2],
    ['$.a.b', { a: { b: [1, null] } }, [1, null]],
    ['(function () { return $.n > 1; })();', { n: 2 }, true],
    [
      "if ($.loop['iteration'] < $.value) { true; } else { false; }",
      { loop: { iteration: 1 }, value: 2 },
      true,
    ],
    ['undefined', {}, null],
    ['() => 1', {}, null],
    ['NaN', {}, null],
    ['({ a: undefined, b: new Date(0) })', {}, { b: '1970-01-01T00:00:00.000Z' }],
    ["'é💥'", {}, 'é💥'],
    ['Object.keys($)', JSON.parse('{"__proto__": 1}'), ['__proto__']],
  ])('%s on %j yields %j', async (script, input, value) => {
    expect(await run(script, input)).toEqual({ ok: true, value });
  });

  it.each([
    ['throw new Error("no luck")', 'Error: no luck'],
    ['throw "text"', 'text'],
    ['nothere', "ReferenceError: 'nothere' is not defined"],
    ['if (', 'SyntaxError'],
    ['1n', 'no JSON'],
    ['"x".repeat(1001)', 'at most 1000 characters'],
    ['while (true);', 'longer than 1000 ms'],
  ])('%s fails with a reason', async (script, reason) => {
    expect(await run(script)).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  });

  it('finds nothing that another one has left', async () => {
    await run('globalThis.kept = 1; Object.prototype.polluted = 1; JSON.stringify = () => "7"; 1');
    expect(await run('[typeof kept, ({}).polluted, JSON.stringify({})]')).toEqual({
      ok: true,
      value: ['undefined', null, '{}'],
    });
  });
});

describe('a jq filter', () => {
  it.each<[string, Json, Json]>([
    ['.a', { a: 1 }, [1]],
    ['.a[]', { a: [1, 2] }, [1, 2]],
    ['.a | map(. * 2) | add', { a: [1, 2] }, [6]],
    ['empty', {}, []],
    ['{ (.k): .v }', { k: 'x', v: [1] }, [{ x: [1] }]],
    ['.a // "none"', {}, ['none']],
    ['"a\\nb"', {}, ['a\nb']],
  ])('%s on %j yields %j', async (script, input, value) => {
    expect(await run(script, input, 'jq')).toEqual({ ok: true, value });
  });

  it.each([
    ['.a |', 'syntax error'],
    ['error("no luck")', 'no luck'],
    ['.a.b', 'Cannot index'],
    ['[range(1000)]', 'more than 1000 characters'],
    ['def f: f; f', 'longer than 1000 ms'],
  ])('%s fails with a reason', async (script, reason) => {
    const outcome = await run(script, { a: 'text' }, 'jq');
    expect(outcome).toEqual({ ok: false, reason: expect.stringContaining(reason) });
  });

  it('reads no file, no environment and no other input', async () => {
    expect(await run('include "/etc/passwd"; 1', {}, 'jq')).toMatchObject({ ok: false });
    expect(await run('input', {}, 'jq')).toMatchObject({ ok: false });
    const { value } = { value: null, ...(await run('env | keys', {}, 'jq')) };
    expect(JSON.stringify(value)).not.toMatch(/REDIS|NODE|JOINERY/);
  });
});

describe('a sandbox', () => {
  it('that is closed runs nothing more', async () => {
    const closed = createSandbox();
    const running = closed.evaluate({ id: 'x', language: 'javascript', script: '1', input: {} });
    await running;
    await closed.close();
    await expect(
      closed.evaluate({ id: 'x', language: 'javascript', script: '1', input: {} }),
    ).rejects.toThrow('closed');
  });

  it('that is closed ends what runs', async () => {
    const closed = createSandbox();
    const script = 'while (true);';
    await closed.evaluate({ id: 'x', language: 'javascript', script: '1', input: {} });
    const running = closed.evaluate({ id: 'x', language: 'javascript', script, input: {} });
    const outcome = running.catch(String);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    await closed.close();
    expect(await outcome).toContain('ended');
  });
});
