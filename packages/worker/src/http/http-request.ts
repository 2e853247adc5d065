import { type Json, type JsonObject } from '@joinery/core';
import { z } from 'zod';
import { TerminalError } from '../task-errors.ts';

/** One call, as a task's input asks for it. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Null: none is sent. */
  readonly body: string | null;
  readonly connectTimeoutMs: number;
  readonly readTimeoutMs: number;
}

/** Conductor's default for both time-outs (3.30). */
const TIMEOUT_MS = 3_000;
/** Beyond this a timer of the platform fires at once. */
const LONGEST_MS = 2 ** 31 - 1;

const timeout = z.coerce.number().int().min(1).max(LONGEST_MS).nullish();
const text = z.string().nullish();
const headerValue = z.union([z.string(), z.number(), z.boolean()]).transform(String);

// Conductor's names. `vipAddress` and `appName` have no effect there either without a service registry.
const requestSchema = z.object({
  uri: z.string().min(1),
  method: z
    .string()
    .default('GET')
    .transform((method) => method.toUpperCase())
    .pipe(z.enum(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'])),
  headers: z.record(z.string(), headerValue).nullish(),
  body: z.json().nullish(),
  accept: z.union([z.string(), z.array(z.string())]).nullish(),
  contentType: text,
  connectionTimeOut: timeout,
  readTimeOut: timeout,
});

/**
 * Reads `http_request`, or the same members beside each other. Throws TerminalError that names the member and no value:
 * any of them may hold a secret.
 */
export function parseHttpRequest(input: JsonObject): HttpRequest {
  const parsed = requestSchema.safeParse(input['http_request'] ?? input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw refused(`${issue?.path.join('.') || 'it'} is not usable`);
  }
  const { method, headers, body = null, connectionTimeOut, readTimeOut, ...rest } = parsed.data;
  const { accept, contentType } = rest;
  return {
    method,
    url: parseHttpUrl(rest.uri),
    headers: {
      accept: [accept ?? JSON_TYPE].flat().join(', '),
      ...(body === null ? {} : { 'content-type': contentType ?? JSON_TYPE }),
      ...lowerCased(headers ?? {}),
      // What is compressed is larger than it looks.
      'accept-encoding': 'identity',
    },
    body: bodyText(body),
    connectTimeoutMs: connectionTimeOut ?? TIMEOUT_MS,
    readTimeoutMs: readTimeOut ?? TIMEOUT_MS,
  };
}

/** An address that HTTP tasks may call at all: `http:` or `https:`, without a name and password in it. */
export function parseHttpUrl(written: string, base?: URL): URL {
  const url = URL.canParse(written, base?.href) ? new URL(written, base?.href) : null;
  if (url === null) throw refused('uri is not an address');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw refused('uri is not http(s)');
  if (url.username !== '' || url.password !== '') {
    throw refused('uri holds a name or password; send a header instead');
  }
  return url;
}

const JSON_TYPE = 'application/json';

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function bodyText(body: Json): string | null {
  if (body === null || typeof body === 'string') return body;
  return JSON.stringify(body);
}

function refused(problem: string): Error {
  return new TerminalError(`http_request: ${problem}`);
}
