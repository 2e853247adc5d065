import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type ApiBench, openBench } from './fixtures/api-bench.ts';

const secret = 'a-secret-of-enough-letters';
const keys = [
  { id: 'looks', role: 'viewer', secret },
  { id: 'works', role: 'operator', secret },
  { id: 'rules', role: 'admin', secret },
] as const;

let bench: ApiBench;
beforeAll(async () => {
  bench = await openBench({ keys, inHandLimit: 3 });
});
afterAll(() => bench.end());

async function tokenOf(keyId: string): Promise<Record<string, string>> {
  const { status, body } = await bench.call('POST', '/api/token', { keyId, keySecret: secret });
  if (status !== 200) throw new Error(`no token for ${keyId}`);
  return { 'x-authorization': z.object({ token: z.string() }).parse(body).token };
}

const basic = (id: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${password}`).toString('base64')}`,
});

const definition = {
  name: 'kept',
  version: 1,
  tasks: [{ name: 'noop', taskReferenceName: 'n', type: 'NOOP' }],
};

describe('a server with keys', () => {
  it.each(['/api/workflow/search', '/metrics', '/queues', '/api/runs', '/api-docs', '/nothing'])(
    'asks for one at %s',
    async (path) => {
      expect(await bench.call('GET', path)).toMatchObject({
        status: 401,
        body: { status: 401, code: 'JN_AUTH_MISSING' },
      });
    },
  );

  it('asks nobody for the health of the process', async () => {
    for (const path of ['/health', '/ready', '/api/health', '/api/version']) {
      expect((await bench.call('GET', path)).status).toBe(200);
    }
  });

  it('gives a token for a key, and none for a wrong one', async () => {
    const headers = await tokenOf('looks');
    expect((await bench.call('GET', '/api/workflow/search', undefined, headers)).status).toBe(200);
    const bearer = { authorization: `Bearer ${headers['x-authorization']}` };
    expect((await bench.call('GET', '/metrics', undefined, bearer)).status).toBe(200);
    const { body } = await bench.call('GET', '/api/token/userInfo', undefined, headers);
    expect(body).toMatchObject({ id: 'looks', roles: [{ name: 'viewer' }] });
    for (const wrong of [
      { keyId: 'looks', keySecret: 'wrong' },
      { keyId: 'nobody', keySecret: secret },
    ]) {
      expect((await bench.call('POST', '/api/token', wrong)).status).toBe(401);
    }
    expect((await bench.call('POST', '/api/token', { keyId: 1 })).status).toBe(400);
  });

  it.each([
    { 'x-authorization': 'no.token.atall' },
    { authorization: 'Bearer ' },
    { authorization: 'Basic !!!' },
    basic('looks', 'wrong'),
    basic('', ''),
    // A token of no algorithm.
    { 'x-authorization': 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJydWxlcyIsInJvbGUiOiJhZG1pbiJ9.' },
  ])('does not take %j', async (headers) => {
    expect((await bench.call('GET', '/api/runs', undefined, headers)).status).toBe(401);
  });

  it('lets a browser ask for the key at the board', async () => {
    expect((await bench.call('GET', '/queues')).headers.get('www-authenticate')).toBe('Basic');
    const answer = await bench.call('GET', '/queues', undefined, basic('looks', secret));
    expect(answer.status).toBe(200);
  });

  it('lets viewers look, operators work, and admins change definitions', async () => {
    const viewer = await tokenOf('looks');
    const operator = await tokenOf('works');
    const admin = await tokenOf('rules');
    const path = '/api/metadata/workflow';
    expect(await bench.call('POST', path, definition, operator)).toMatchObject({
      status: 403,
      body: { code: 'JN_AUTH_DENIED', message: expect.stringContaining('admin') },
    });
    expect((await bench.call('POST', path, definition, admin)).status).toBe(200);
    const start = { name: 'kept' };
    expect((await bench.call('POST', '/api/workflow', start, viewer)).status).toBe(403);
    expect((await bench.call('POST', '/api/workflow', start, operator)).status).toBe(200);
    const poll = '/api/tasks/poll/batch/x?timeout=0';
    expect((await bench.call('GET', poll, undefined, viewer)).status).toBe(403);
    expect((await bench.call('GET', poll, undefined, operator)).status).toBe(200);
  });

  it.each([
    { origin: 'https://evil.example' },
    { 'sec-fetch-site': 'cross-site' },
    { origin: 'null' },
  ])('takes nothing from a foreign page with %j, whatever key its browser has', async (page) => {
    const headers = { ...basic('rules', secret), ...page };
    const answer = await bench.call('POST', '/api/workflow', { name: 'kept' }, headers);
    expect(answer).toMatchObject({ status: 403, body: { code: 'JN_AUTH_DENIED' } });
  });

  it('takes requests of its own pages', async () => {
    const headers = { ...basic('works', secret), origin: bench.url };
    expect((await bench.call('POST', '/api/workflow', { name: 'kept' }, headers)).status).toBe(200);
  });

  it('refuses what is more than it takes in hand, and says when to come again', async () => {
    const headers = basic('works', secret);
    const poll = () =>
      bench.call('GET', '/api/tasks/poll/batch/full?timeout=1000', undefined, headers);
    const answers = await Promise.all([poll(), poll(), poll(), poll(), poll()]);
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused).toHaveLength(2);
    expect(refused[0]).toMatchObject({ body: { code: 'JN_SERVER_OVERLOADED', retryable: true } });
    expect(refused[0]?.headers.get('retry-after')).toBe('1');
    expect((await poll()).status).toBe(200);
  });
});

describe('a rate', () => {
  it('holds for each key by itself', async () => {
    const limited = await openBench({ keys, requestsPerSecond: 5 });
    try {
      const ask = (id: string) => limited.call('GET', '/api/runs', undefined, basic(id, secret));
      const answers = await Promise.all(Array.from({ length: 8 }, () => ask('looks')));
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused).toHaveLength(3);
      expect(refused[0]).toMatchObject({ body: { status: 429, code: 'JN_RATE_LIMITED' } });
      expect(refused[0]?.headers.get('retry-after')).toBe('1');
      expect((await ask('works')).status).toBe(200);
    } finally {
      await limited.end();
    }
  });
});
