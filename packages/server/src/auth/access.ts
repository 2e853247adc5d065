/*
 * Who may do what.
 * Invariants:
 *  A1 with keys configured, every path asks for one but those of OPEN_PATHS.
 *  A2 a token is worth its key: a key that was removed or changed its role makes its tokens worthless.
 *  A3 a page of another site changes nothing, even in a browser that remembers a password.
 */
import { joineryError } from '@joinery/core';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { BOARD_PATH } from '../queue-board.ts';
import { type ApiKey, includesRole, type Principal, principalOfKey, type Role } from './api-key.ts';
import { type Tokens } from './tokens.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a request needs instead of what its method says. */
    readonly role?: Role;
  }
  interface FastifyRequest {
    /** Null: nobody is asked who they are. */
    principal: Principal | null;
  }
}

/** Probes cannot log in, and logging in is not yet possible for who has not. */
const OPEN_PATHS: ReadonlySet<string> = new Set([
  '/health',
  '/ready',
  '/api/health',
  '/api/version',
  '/api/token',
]);

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What access is judged by. */
export interface AccessRules {
  readonly keys: readonly ApiKey[];
  readonly tokens: Tokens;
}

/** The check of each request; it sets `request.principal`. */
export function createAccessCheck({
  keys,
  tokens,
}: AccessRules): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (request, reply) => {
    request.principal = null;
    refuseForeignPages(request);
    if (keys.length === 0 || OPEN_PATHS.has(pathOf(request))) return;
    const principal = await principalOf(request, { keys, tokens });
    if (principal === null) {
      // A browser asks its user for the board; programs know what to do.
      if (pathOf(request).startsWith(BOARD_PATH)) reply.header('www-authenticate', 'Basic');
      throw joineryError('JN_AUTH_MISSING', { problem: 'expected a token or a key' });
    }
    const wanted = request.routeOptions.config.role ?? roleOfMethod(request.method);
    if (!includesRole(principal.role, wanted)) {
      const problem = `it needs the role ${wanted}, found ${principal.role}`;
      throw joineryError('JN_AUTH_DENIED', { who: principal.id, problem });
    }
    request.principal = principal;
  };
}

async function principalOf(
  { headers }: FastifyRequest,
  { keys, tokens }: AccessRules,
): Promise<Principal | null> {
  const { authorization = '', 'x-authorization': conductorToken } = headers;
  const [scheme = '', value = ''] = authorization.split(' ');
  if (scheme.toLowerCase() === 'basic') {
    const [id = '', ...secret] = Buffer.from(value, 'base64').toString().split(':');
    return principalOfKey(keys, id, secret.join(':'));
  }
  const token = typeof conductorToken === 'string' ? conductorToken : bearerOf(scheme, value);
  const named = token === '' ? null : await tokens.read(token);
  if (named === null) return null;
  const key = keys.find(({ id }) => id === named.id);
  return key?.role === named.role ? named : null;
}

function bearerOf(scheme: string, value: string): string {
  return scheme.toLowerCase() === 'bearer' ? value : '';
}

/** Browsers name the page that asks; programs name none. */
function refuseForeignPages({ method, headers }: FastifyRequest): void {
  if (SAFE_METHODS.has(method)) return;
  const { origin, host = '', 'sec-fetch-site': site } = headers;
  const isForeign = site === 'cross-site' || (origin !== undefined && hostOf(origin) !== host);
  if (!isForeign) return;
  const problem = 'the request comes from a page of another site';
  throw joineryError('JN_AUTH_DENIED', { who: origin ?? 'a page', problem });
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host;
  } catch {
    return null;
  }
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?')[0] ?? '';
}

function roleOfMethod(method: string): Role {
  return SAFE_METHODS.has(method) ? 'viewer' : 'operator';
}
