import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { runHandler } from './run-handler.ts';
import { defineTask, isTask } from './define-task.ts';
import { echoTask } from './echo-task.ts';
import { type TaskContext } from './task-context.ts';
import { RetryableError, TerminalError } from './task-errors.ts';
import { createRecordingLogger } from '@joinery/kit';
import { key, runId } from '../test/fixtures/desk.ts';

const ctx = (signal = new AbortController().signal): TaskContext => ({
  runId,
  taskRef: key,
  attempt: 1,
  delivery: 1,
  idempotencyKey: `${runId}/${key}`,
  fencingToken: 1,
  traceId: '',
  signal,
  logger: createRecordingLogger(),
  heartbeat: () => undefined,
});

const failing = (error: unknown) =>
  defineTask({
    type: 't',
    run: () => {
      throw error;
    },
  });

const outcomeOf = async (task = echoTask('e'), input: object = {}): Promise<unknown> => {
  const end = await runHandler(task, { ...input }, ctx());
  return end.type === 'outcome' ? end.outcome : end.type;
};

describe('a task type', () => {
  it('gives its handler the input as its schema types and transforms it', async () => {
    const task = defineTask({
      type: 'resize',
      input: z.object({ width: z.coerce.number(), mode: z.string().default('fit') }),
      run: (input) => {
        expectTypeOf(input).toEqualTypeOf<{ width: number; mode: string }>();
        return { area: input.width ** 2, mode: input.mode };
      },
    });
    expect(await outcomeOf(task, { width: '3' })).toEqual({
      status: 'COMPLETED',
      output: { area: 9, mode: 'fit' },
      reason: '',
    });
  });

  it('fails without a retry on input that does not fit, and says where', async () => {
    const task = defineTask({
      type: 'resize',
      input: z.object({ size: z.object({ width: z.number() }) }),
      run: () => 1,
    });
    expect(await outcomeOf(task, { size: { width: 'x' } })).toMatchObject({
      status: 'FAILED_WITH_TERMINAL_ERROR',
      reason: expect.stringMatching(/^JN_REQUEST_INVALID: input of resize: at size\.width: /u),
    });
  });

  it('fails without a retry on output that its schema refuses', async () => {
    const task = defineTask({
      type: 'resize',
      output: z.object({ ok: z.boolean() }),
      run: (): { ok: boolean } => JSON.parse('{"ok":1}'),
    });
    expect(await outcomeOf(task)).toMatchObject({
      status: 'FAILED_WITH_TERMINAL_ERROR',
      reason: expect.stringContaining('output of resize: at ok: '),
    });
  });

  it('takes any schema that keeps to the Standard Schema convention, asynchronous ones too', async () => {
    const task = defineTask<{ n: number }>({
      type: 't',
      input: {
        '~standard': {
          version: 1,
          vendor: 'test',
          validate: (value) =>
            Promise.resolve(
              value === 1
                ? { value: { n: 1 } }
                : { issues: [{ message: 'no', path: [{ key: 'n' }] }] },
            ),
        },
      },
      run: ({ n }) => ({ n }),
    });
    expect(await outcomeOf(task)).toMatchObject({ reason: expect.stringContaining('at n: no') });
  });

  it('echoes its input when it is the echo task', async () => {
    expect(await outcomeOf(echoTask('e'), { a: [1] })).toMatchObject({ output: { a: [1] } });
  });

  it('is known as one by its mark, and nothing else is', () => {
    expect(isTask(echoTask('e'))).toBe(true);
    expect([null, {}, 'task', { type: 'e', execute: 1 }].map(isTask)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it.each([
    [{ type: ' ' }, 'it has no type'],
    [{ type: 't', concurrency: 0 }, 'concurrency 0'],
    [{ type: 't', concurrency: 1.5 }, 'concurrency 1.5'],
  ])('is refused when it cannot work: %o', (spec, said) => {
    expect(() => defineTask({ ...spec, run: () => 1 })).toThrow(said);
  });
});

describe('what a handler throws', () => {
  it.each([
    [new TerminalError('no such user'), 'FAILED_WITH_TERMINAL_ERROR', 'no such user', {}],
    [
      new RetryableError({ message: 'busy', retryAfterMs: 5 }),
      'FAILED',
      'busy',
      { retryAfterMs: 5 },
    ],
    [new RetryableError({ message: 'busy', retryAfterMs: Number.NaN }), 'FAILED', 'busy', {}],
    [new Error('lost connection'), 'FAILED', 'lost connection', {}],
    [new RangeError(), 'FAILED', 'RangeError', { error: { name: 'RangeError' } }],
    [
      Object.assign(new Error('cut off'), { code: 'ECONNRESET' }),
      'FAILED',
      'cut off',
      { error: { code: 'ECONNRESET' } },
    ],
    ['a text', 'FAILED', 'a text', {}],
    [undefined, 'FAILED', 'undefined', {}],
    [Object.create(null), 'FAILED', 'the handler threw a value that has no text', {}],
  ])('becomes a result: %o is %s', async (error, status, reason, output) => {
    expect(await outcomeOf(failing(error))).toEqual({ status, reason, output });
  });

  it('is a terminal error by name, also from another copy of this package', async () => {
    const foreign = Object.assign(new Error('gone'), { name: 'TerminalError' });
    expect(await outcomeOf(failing(foreign))).toMatchObject({
      status: 'FAILED_WITH_TERMINAL_ERROR',
    });
  });

  it('is cut to 500 characters without splitting one', async () => {
    const end = await runHandler(failing(new Error('🪚'.repeat(400))), {}, ctx());
    const reason = end.type === 'outcome' ? end.outcome.reason : '';
    expect(reason.length).toBeLessThanOrEqual(500);
    expect(Buffer.from(reason).toString()).toBe(reason);
    expect(reason.endsWith('…')).toBe(true);
  });

  it('does not count once the handler has been interrupted', async () => {
    const end = await runHandler(failing(new Error('aborted')), {}, ctx(AbortSignal.abort()));
    expect(end).toEqual({ type: 'interrupted' });
  });
});
