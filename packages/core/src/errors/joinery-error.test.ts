import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { env } from 'node:process';
import { describe, expect, it } from 'vitest';
import { errorCatalogue, type ErrorEntry } from './error-catalogue.ts';
import { renderErrorPage } from './error-page.ts';
import { isJoineryError, joineryError } from './joinery-error.ts';

const page = new URL('../../../../docs/reference/errors.md', import.meta.url);

describe('the error catalogue', () => {
  it('is what the reference page says', () => {
    if (env['UPDATE_DOCS'] === '1') {
      mkdirSync(new URL('.', page), { recursive: true });
      writeFileSync(page, renderErrorPage());
    }
    expect(readFileSync(page, 'utf8')).toBe(renderErrorPage());
  });

  it('has one form of code, a remedy and an HTTP status that fits the category', () => {
    const statuses = {
      InvalidInput: [400, 401, 403, 405, 413, 429, 501],
      NotFound: [404],
      Conflict: [409],
      StaleOwner: [409],
      StoreUnavailable: [503],
      Invariant: [500],
    };
    for (const [code, entry] of Object.entries<ErrorEntry>(errorCatalogue)) {
      expect(code).toMatch(/^JN(_[A-Z]+){2,}$/);
      expect({ code, remedy: entry.remedy }).not.toEqual({ code, remedy: '' });
      expect(statuses[entry.category]).toContain(entry.http);
    }
  });
});

describe('a Joinery error', () => {
  it('carries code, category, status, facts and cause, and names them in its message', () => {
    const cause = new Error('deeper');
    const error = joineryError('JN_RUN_NOT_FOUND', { runId: 'r1', tried: 3 }, { cause });
    expect(error.message).toBe('Run r1 does not exist');
    expect(error).toMatchObject({ code: 'JN_RUN_NOT_FOUND', category: 'NotFound', http: 404 });
    expect(error.details).toEqual({ runId: 'r1', tried: 3 });
    expect(error.cause).toBe(cause);
  });

  it('is told from other errors by code', () => {
    const error: unknown = joineryError('JN_TASK_NOT_FOUND', { runId: 'r', task: 't' });
    expect(isJoineryError(error)).toBe(true);
    expect(isJoineryError(error, 'JN_TASK_NOT_FOUND')).toBe(true);
    expect(isJoineryError(error, 'JN_RUN_NOT_FOUND')).toBe(false);
    expect(isJoineryError(new Error('other'))).toBe(false);
  });

  it('does not let a value act as a template or fill the log', () => {
    const runId = `{status}$&${'x'.repeat(1000)}`;
    const { message } = joineryError('JN_RUN_NOT_FOUND', { runId });
    expect(message.startsWith('Run {status}$&xxx')).toBe(true);
    expect(message.length).toBeLessThan(400);
  });

  it('asks for the placeholders of its template at compile time', () => {
    // @ts-expect-error runId is missing
    const error = joineryError('JN_RUN_NOT_FOUND', {});
    expect(error.message).toBe('Run {runId} does not exist');
  });
});
