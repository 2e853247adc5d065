import { joineryError } from '@joinery/core';
import { type FastifyInstance } from 'fastify';
import { hostNameOf, isLoopbackHost } from './loopback.ts';
import { BOARD_PATH } from './queue-board.ts';

/** The board's page has styles inline and asks a font from elsewhere, which it can do without. */
const boardPolicy =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";
const apiPolicy = "default-src 'none'; frame-ancestors 'none'";

/**
 * Headers on every answer. On loopback, also a check of the Host header: a page of a foreign site whose name was made to
 * point here must not reach an API without a password.
 */
export function addSecurity(
  app: FastifyInstance,
  { isExposed }: { readonly isExposed: boolean },
): void {
  app.addHook('onRequest', async (request, reply) => {
    const isBoard = request.url.startsWith(BOARD_PATH);
    reply.headers({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'content-security-policy': isBoard ? boardPolicy : apiPolicy,
    });
    if (!isBoard) reply.header('cache-control', 'no-store');
    const name = hostNameOf(request.headers.host ?? '');
    if (isExposed || isLoopbackHost(name)) return;
    const problem = `expected a loopback name, found ${name}`;
    throw joineryError('JN_REQUEST_INVALID', { what: 'Host header', problem });
  });
}
