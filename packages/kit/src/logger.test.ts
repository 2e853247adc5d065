import { describe, expect, it } from 'vitest';
import { createLogger, redactUrls, withFields } from './logger.ts';
import { createRecordingLogger } from './recording-logger.ts';

function logged(level: 'debug' | 'info' | 'silent' = 'info') {
  const text: string[] = [];
  const logger = createLogger({ level, name: 'sweeper', write: (line) => text.push(line) });
  const lines = (): unknown[] => text.map((line): unknown => JSON.parse(line));
  return { logger, lines, text };
}

describe('logger', () => {
  it('writes one line of JSON with level, name, event and message', () => {
    const { logger, lines, text } = logged();
    logger.info({ event: 'run.completed', runId: 'r1', count: 3 }, 'run completed');
    expect(text[0]?.endsWith('\n')).toBe(true);
    expect(lines()).toEqual([
      expect.objectContaining({
        level: 'info',
        name: 'sweeper',
        event: 'run.completed',
        runId: 'r1',
        count: 3,
        msg: 'run completed',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      }),
    ]);
  });

  it('leaves out what is below its level', () => {
    const quiet = logged('info');
    quiet.logger.debug({ event: 'pass.ended' }, 'pass ended');
    const silent = logged('silent');
    silent.logger.error({ event: 'pass.failed' }, 'pass failed');
    expect([...quiet.lines(), ...silent.lines()]).toEqual([]);
  });

  it('adds the fields of a child to each of its lines', () => {
    const { logger, lines } = logged();
    logger.child({ workerId: 'w1' }).warn({ event: 'claim.ended' }, 'claim ended');
    expect(lines()).toEqual([expect.objectContaining({ workerId: 'w1', event: 'claim.ended' })]);
  });

  it('adds fields without a child, hidden like any others', () => {
    const { logger, lines } = logged();
    const named = withFields(logger, { runId: 'r', token: 'hush' }).child({ attempt: 2 });
    named.warn({ event: 'claim.ended', attempt: 3 }, 'claim ended');
    expect(lines()).toEqual([
      expect.objectContaining({ runId: 'r', attempt: 3, token: '[secret]', msg: 'claim ended' }),
    ]);
  });

  it('writes an error with its stack and its causes', () => {
    const { logger, lines } = logged();
    const err = new Error('commit failed', { cause: new Error('connection lost') });
    logger.error({ event: 'commit.failed', err }, 'commit failed');
    expect(lines()).toEqual([
      expect.objectContaining({
        err: expect.objectContaining({
          message: 'commit failed',
          stack: expect.stringContaining('logger.test.ts'),
          cause: expect.objectContaining({ message: 'connection lost' }),
        }),
      }),
    ]);
  });

  it('hides secrets by the name of the field, three levels down', () => {
    const { logger, text } = logged();
    const headers = { authorization: 'hunter2' };
    logger.info({ event: 'a.b', password: 'hunter2', request: { token: 'hunter2', headers } }, 'x');
    expect(text[0]).not.toContain('hunter2');
    expect(text[0]).toContain('[secret]');
  });

  it('hides the password of a URL even inside the message of an error', () => {
    const { logger, text } = logged();
    const err = new Error('cannot reach redis://user:hunter2@host:6379/0');
    logger.error({ event: 'redis.lost', err }, 'Redis lost');
    expect(text[0]).not.toContain('hunter2');
    expect(text[0]).toContain('redis://***@host:6379/0');
  });
});

describe('redactUrls', () => {
  it('leaves addresses without credentials alone', () => {
    expect(redactUrls('redis://host:6379 and a@b and http://x/y@z')).toBe(
      'redis://host:6379 and a@b and http://x/y@z',
    );
  });
});

describe('recording logger', () => {
  it('keeps lines of parents and children in order', () => {
    const logger = createRecordingLogger();
    logger.info({ event: 'loop.started' }, 'started');
    logger.child({ workerId: 'w1' }).error({ event: 'pass.failed', count: 1 }, 'failed');
    expect(logger.events()).toEqual(['loop.started', 'pass.failed']);
    expect(logger.lines[1]).toEqual({
      event: 'pass.failed',
      count: 1,
      workerId: 'w1',
      level: 'error',
      message: 'failed',
    });
  });
});
