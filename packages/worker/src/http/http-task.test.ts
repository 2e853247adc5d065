import type { JsonObject } from '@joinery/core';
import { once } from 'node:events';
import type { LookupFunction } from 'node:net';
import type { RequestListener } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { testContext } from '../../test/fixtures/context.ts';
import { type HttpService, startService } from '../../test/fixtures/http-service.ts';
import { type HandlerEnd, runHandler } from '../run-handler.ts';
import { InterruptedError } from '../task-context.ts';
import { httpTask, type HttpTaskOptions } from './http-task.ts';

const services: HttpService[] = [];
afterEach(async () => {
  for (const started of services.splice(0)) await started[Symbol.asyncDispose]();
});

async function service(listener: RequestListener): Promise<HttpService> {
  const started = await startService(listener);
  services.push(started);
  return started;
}

const ok = (): Promise<HttpService> =>
  service((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"rate":1.5}');
  });

const lookupOf =
  (address: string): LookupFunction =>
  (_host, { all }, callback) => {
    if (all === true) callback(null, [{ address, family: 4 }]);
    else callback(null, address, 4);
  };

interface Called {
  readonly status?: string;
  readonly output?: JsonObject;
  readonly reason?: string;
  readonly err?: unknown;
}

async function call(
  input: JsonObject,
  options: HttpTaskOptions = { allow: '127.0.0.1' },
): Promise<Called> {
  const end: HandlerEnd = await runHandler(httpTask(options), input, testContext());
  return end.type === 'outcome' ? { ...end.outcome, err: end.err } : {};
}

describe('an HTTP task', () => {
  it('stores status, headers and the body as JSON', async () => {
    const { url, seen } = await ok();
    const { status, output } = await call({
      http_request: {
        uri: `${url}/rates?of=EUR`,
        method: 'post',
        headers: { 'X-Trace': 7 },
        body: { a: [1] },
      },
    });
    expect(status).toBe('COMPLETED');
    expect(output).toMatchObject({
      response: {
        statusCode: 200,
        reasonPhrase: 'OK',
        headers: { 'content-type': ['application/json'] },
        body: { rate: 1.5 },
      },
    });
    expect(seen).toMatchObject([
      {
        method: 'POST',
        path: '/rates?of=EUR',
        body: '{"a":[1]}',
        headers: {
          'x-trace': '7',
          accept: 'application/json',
          'content-type': 'application/json',
        },
      },
    ]);
  });

  it('takes the members of http_request flat, and a body of text as it is', async () => {
    const { url, seen } = await ok();
    const accept = ['text/plain', 'text/csv'];
    const input = { uri: url, method: 'PUT', body: 'a=1', contentType: 'text/x', accept };
    expect(await call(input)).toMatchObject({ status: 'COMPLETED' });
    expect(seen[0]).toMatchObject({
      body: 'a=1',
      headers: { accept: 'text/plain, text/csv', 'content-type': 'text/x' },
    });
  });

  it.each([
    ['plain words', 'plain words'],
    ['[1]', [1]],
    ['3', 3],
    ['true', 'true'],
    ['', null],
  ])('reads the body %j', async (sent, body) => {
    const { url } = await service((_request, response) => {
      response.end(sent);
    });
    expect((await call({ uri: url })).output).toMatchObject({ response: { body } });
  });

  it.each([
    [500, 'FAILED'],
    [503, 'FAILED'],
    [429, 'FAILED'],
    [408, 'FAILED'],
    [400, 'FAILED_WITH_TERMINAL_ERROR'],
    [404, 'FAILED_WITH_TERMINAL_ERROR'],
    [304, 'FAILED_WITH_TERMINAL_ERROR'],
    [301, 'FAILED_WITH_TERMINAL_ERROR'],
  ])('that is answered %i has %s, and keeps the answer', async (statusCode, status) => {
    const { url } = await service((_request, response) => {
      response.statusCode = statusCode;
      response.end(statusCode === 304 ? undefined : '{"why":"no"}');
    });
    const called = await call({ uri: url });
    expect(called).toMatchObject({ status, output: { response: { statusCode } } });
    expect(called.reason).toMatch(new RegExp(`^HTTP GET was answered ${statusCode}`));
  });

  it('waits for as long as the service asks', async () => {
    const { url } = await service((_request, response) => {
      response.writeHead(429, { 'retry-after': '7' }).end();
    });
    expect((await call({ uri: url })).output).toMatchObject({ retryAfterMs: 7_000 });
    const at = new Date(Date.now() + 60_000).toUTCString();
    const later = await service((_request, response) => {
      response.writeHead(503, { 'retry-after': at }).end();
    });
    const wish = Number((await call({ uri: later.url })).output?.['retryAfterMs']);
    expect(wish).toBeGreaterThan(50_000);
    expect(wish).toBeLessThanOrEqual(60_000);
  });

  it('is tried again when nobody listens or nobody answers in time', async () => {
    const { url } = await ok();
    await services.pop()?.[Symbol.asyncDispose]();
    expect(await call({ uri: url })).toMatchObject({
      status: 'FAILED',
      reason: 'HTTP GET failed: ECONNREFUSED',
    });
    const silent = await service(() => undefined);
    expect(await call({ uri: silent.url, readTimeOut: 50 })).toMatchObject({
      status: 'FAILED',
      reason: 'HTTP GET failed: UND_ERR_HEADERS_TIMEOUT',
    });
  });

  it('ends a response that drips for ever', async () => {
    const { url } = await service((_request, response) => {
      const drip = setInterval(() => response.write('x'), 10);
      response.on('close', () => {
        clearInterval(drip);
      });
    });
    const options = { allow: '127.0.0.1', timeoutMs: 150 };
    expect(await call({ uri: url }, options)).toMatchObject({
      status: 'FAILED',
      reason: 'HTTP GET failed: time-out',
    });
  });

  it('has bounds for what it sends and what it reads', async () => {
    const { url, seen } = await service((_request, response) => {
      response.end('x'.repeat(200_000));
    });
    const options = { allow: '127.0.0.1', maxResponseBytes: 1_000, maxRequestBytes: 100 };
    expect(await call({ uri: url }, options)).toMatchObject({
      status: 'FAILED_WITH_TERMINAL_ERROR',
      reason: 'the response has more than 1000 bytes',
    });
    const large = await call({ uri: url, method: 'POST', body: 'ü'.repeat(60) }, options);
    expect(large).toMatchObject({
      status: 'FAILED_WITH_TERMINAL_ERROR',
      reason: 'the request has more than 100 bytes',
    });
    expect(seen).toHaveLength(1);
  });

  it('stops when its claim is lost', async () => {
    let closed: Promise<unknown> = Promise.reject(new Error('nobody has called'));
    closed.catch(() => undefined);
    const abort = new AbortController();
    const { url } = await service((request) => {
      closed = once(request.socket, 'close');
      abort.abort(new InterruptedError('claim-lost'));
    });
    const task = httpTask({ allow: '127.0.0.1' });
    const end = await runHandler(task, { uri: url }, testContext(abort.signal));
    expect(end.type).toBe('interrupted');
    await closed;
  });

  it.each<[string, JsonObject]>([
    ['without an address', { http_request: { method: 'GET' } }],
    ['with an address that is none', { uri: 'nowhere' }],
    ['with another scheme', { uri: 'file:///etc/passwd' }],
    ['with a method of its own', { uri: 'http://a.example', method: 'BREW' }],
    ['with a line break in a header', { uri: 'http://127.0.0.1', headers: { a: 'b\r\nc: d' } }],
    ['with a hop-by-hop header', { uri: 'http://127.0.0.1', headers: { upgrade: 'x' } }],
    ['with a name and password in the address', { uri: 'http://u:p@a.example' }],
  ])('%s fails for good', async (_what, input) => {
    expect((await call(input)).status).toBe('FAILED_WITH_TERMINAL_ERROR');
  });
});

describe('the guard of HTTP tasks', () => {
  const refused = {
    status: 'FAILED_WITH_TERMINAL_ERROR',
    reason: 'HTTP GET failed: address refused',
  };

  it.each([
    '127.0.0.1',
    'localhost',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '0x7f000001',
    '2130706433',
    '017700000001',
    '127.1',
    '0',
    '%31%32%37.0.0.1',
    '127。0。0。1',
  ])('lets nobody call http://%s', async (host) => {
    const { port, seen } = await ok();
    expect(await call({ uri: `http://${host}:${port}/` }, {})).toMatchObject(refused);
    expect(seen).toEqual([]);
  });

  it('judges the address that is connected to, whatever the name said before', async () => {
    const { port, seen } = await ok();
    const rebinding = lookupOf('127.0.0.1');
    const uri = `http://public.example:${port}/`;
    expect(await call({ uri }, { lookup: rebinding })).toMatchObject(refused);
    expect(seen).toEqual([]);
    const trusted = { lookup: rebinding, allow: 'public.example' };
    expect(await call({ uri }, trusted)).toMatchObject({ status: 'COMPLETED' });
  });

  it('judges each hop of a redirect', async () => {
    const inner = await ok();
    const outer = await service((_request, response) => {
      const location = `http://localhost:${inner.port}/secret`;
      response.writeHead(302, { location }).end();
    });
    const lookup = lookupOf('127.0.0.9');
    const options = { allow: '127.0.0.1', lookup };
    expect(await call({ uri: outer.url }, options)).toMatchObject(refused);
    expect(inner.seen).toEqual([]);
  });

  it('follows a redirect within one origin with headers, and to another with none that matter', async () => {
    const other = await ok();
    const first = await service((request, response) => {
      const location = request.url === '/a' ? '/b' : `${other.url}/c`;
      response.writeHead(307, { location }).end();
    });
    const headers = { Authorization: 'Bearer abc', 'X-Api-Key': 'abc', Cookie: 'a=b' };
    expect(await call({ uri: `${first.url}/a`, headers })).toMatchObject({ status: 'COMPLETED' });
    expect(first.seen.map(({ headers: sent }) => sent.authorization)).toEqual([
      'Bearer abc',
      'Bearer abc',
    ]);
    expect(JSON.stringify(other.seen[0]?.headers)).not.toMatch(/abc|cookie/u);
  });

  it('takes no body to another origin, and ends a circle of redirects', async () => {
    const other = await ok();
    const { url } = await service((request, response) => {
      const location = request.method === 'GET' ? '/again' : `${other.url}/`;
      response.writeHead(307, { location }).end();
    });
    expect(await call({ uri: url, method: 'POST', body: { secret: 1 } })).toMatchObject({
      status: 'FAILED_WITH_TERMINAL_ERROR',
      reason: 'the redirect would send the body to another origin',
    });
    expect(other.seen).toEqual([]);
    expect(await call({ uri: url })).toMatchObject({ reason: 'HTTP GET: more than 5 redirects' });
  });

  it('tells no part of a request in reasons, errors and their causes', async () => {
    const secret = 'hunter2';
    const { url } = await ok();
    const inputs: readonly JsonObject[] = [
      { uri: `http://${secret}.invalid/${secret}` },
      { uri: `http://10.0.0.1/?${secret}` },
      { uri: `ftp://${secret}` },
      { uri: `http://[${secret}` },
      { uri: url, headers: { authorization: `${secret}\n` } },
      { uri: url, headers: { [`${secret}\n`]: 'x' } },
      { uri: url, method: secret },
      { uri: url, connectionTimeOut: secret },
    ];
    for (const input of inputs) {
      const { status, reason, output, err } = await call(input, {});
      const cause = err instanceof Error ? err.cause : undefined;
      const told = JSON.stringify({ reason, output, cause, text: String(err), ...Object(err) });
      expect([status, told]).toEqual([expect.stringContaining('FAILED'), told]);
      expect(told).not.toContain(secret);
    }
  });
});
