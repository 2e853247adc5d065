import { type Json, type JsonObject } from '@joinery/core';
import { STATUS_CODES } from 'node:http';
import type { LookupFunction } from 'node:net';
import { Agent, type Dispatcher, request } from 'undici';
import { TerminalError } from '../task-errors.ts';
import type { AddressGuard } from './address-guard.ts';
import { guardedConnect } from './guarded-connect.ts';
import { type HttpRequest, parseHttpUrl } from './http-request.ts';

/** What came back, as it is stored: Conductor's shape of `response`. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly reasonPhrase: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: Json;
}

/** Limits of every call, and where it may lead. */
export interface ExchangeOptions {
  readonly guard: AddressGuard;
  /** Of a response's body, bytes. */
  readonly maxResponseBytes: number;
  readonly signal: AbortSignal;
  readonly lookup?: LookupFunction;
}

/** As many as browsers' older half follows; more is a loop. */
const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** What goes along to another origin: nothing that may hold a secret. */
const HARMLESS: ReadonlySet<string> = new Set(['accept', 'accept-encoding', 'user-agent']);

/** Sends a request, follows redirects, reads the answer. Each hop is a connection of its own, judged by the guard. */
export async function exchange(
  first: HttpRequest,
  options: ExchangeOptions,
): Promise<HttpResponse> {
  const { connectTimeoutMs: timeoutMs, readTimeoutMs } = first;
  const { guard, lookup } = options;
  const connect = guardedConnect({ guard, timeoutMs, ...(lookup && { lookup }) });
  const timeouts = { headersTimeout: readTimeoutMs, bodyTimeout: readTimeoutMs };
  const dispatcher = new Agent({ connect, pipelining: 0, ...timeouts });
  try {
    let next = first;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop += 1) {
      const answer = await send(dispatcher, next, options);
      const to = answer.headers['location']?.[0];
      if (!REDIRECTS.has(answer.statusCode) || to === undefined) return answer;
      next = redirected(next, answer.statusCode, to);
    }
    throw new TerminalError(`HTTP ${first.method}: more than ${MAX_REDIRECTS} redirects`);
  } finally {
    await dispatcher.destroy();
  }
}

async function send(
  dispatcher: Dispatcher,
  { method, url, headers, body }: HttpRequest,
  { signal, maxResponseBytes }: ExchangeOptions,
): Promise<HttpResponse> {
  const sent = { dispatcher, method, headers, body, signal };
  const { statusCode, headers: received, body: stream } = await request(url, sent);
  const { 'content-encoding': encoding = 'identity' } = received;
  if (encoding !== 'identity') throw new TerminalError('the response is compressed unasked');
  const text = await readText(stream, maxResponseBytes);
  return {
    statusCode,
    reasonPhrase: STATUS_CODES[statusCode] ?? '',
    headers: Object.fromEntries(
      Object.entries(received).map(([name, value = []]) => [name, [value].flat()]),
    ),
    body: parseBody(text),
  };
}

async function readText(stream: AsyncIterable<Uint8Array>, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > limit) throw new TerminalError(`the response has more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Objects, lists and numbers are read as JSON whatever their content type; all else is text (Conductor 3.30). */
function parseBody(text: string): Json {
  if (text === '') return null;
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch {
    // Most of what is no JSON is HTML or plain text.
    return text;
  }
  return typeof value === 'boolean' ? text : value;
}

/** The request that follows a redirect. To another origin go no headers that may hold a secret, and no body. */
function redirected(from: HttpRequest, status: number, to: string): HttpRequest {
  const url = parseHttpUrl(to, from.url);
  if (from.url.protocol === 'https:' && url.protocol === 'http:') {
    throw new TerminalError('the redirect leads from https to http');
  }
  const isGet = status === 303 || (status < 303 && from.method === 'POST');
  const method = isGet && from.method !== 'HEAD' ? 'GET' : from.method;
  const body = isGet ? null : from.body;
  const isSameOrigin = url.origin === from.url.origin;
  if (!isSameOrigin && body !== null) {
    throw new TerminalError('the redirect would send the body to another origin');
  }
  const kept = Object.entries(from.headers).filter(([name]) =>
    isSameOrigin ? body !== null || name !== 'content-type' : HARMLESS.has(name),
  );
  return { ...from, url, method, body, headers: Object.fromEntries(kept) };
}

/** A response as JSON. */
export function responseJson({
  statusCode,
  reasonPhrase,
  headers,
  body,
}: HttpResponse): JsonObject {
  return { statusCode, reasonPhrase, headers: { ...headers }, body };
}
