/*
 * Ownership: a server owns its socket and the board's connection; the engine is its maker's.
 * Interface: a Service.
 * Invariants:
 *  H1 it listens beyond loopback only when it was told to: there is no password.
 *  H2 no answer carries a stack trace; every error has a code of the catalogue.
 *  H3 stop answers within its bound: connections that are idle, or busy for too long, are closed.
 */
import { type Service } from '@joinery/kit';
import { fastify, type FastifyInstance } from 'fastify';
import { addHealthRoutes } from './health-routes.ts';
import { createErrorHandler, notFoundBody } from './http-error.ts';
import { assertMayListen } from './loopback.ts';
import { addQueueBoard, type QueueBoard } from './queue-board.ts';
import { checkRedisHealth } from './redis-health.ts';
import { addRunRoutes } from './run-routes.ts';
import { addSecurity } from './security.ts';
import { type ServerParts } from './server-parts.ts';
import { addWorkflowRoutes } from './workflow-routes.ts';

/** How a server is made. */
export interface ServerOptions extends ServerParts {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Listen on an address that others can reach, although nobody asks for a password. Default false. */
  readonly isExposed?: boolean;
  /** BullMQ's key prefix; the same as the engine's queue has. */
  readonly queuePrefix?: string;
  /** Default 1 MiB. A larger request is answered 413. */
  readonly bodyLimitBytes?: number;
}

/** A server and where it listens. */
export interface Server extends Service {
  /** `http://host:port`; empty before it listens. */
  url(): string;
}

/** A client that sends its request slower than this is cut off. */
const REQUEST_TIMEOUT_MS = 30_000;

/** Creates the HTTP server. Throws JN_CONFIG_INVALID for a host that is not loopback, unless `isExposed`. */
export function createServer(options: ServerOptions): Server {
  const { host, port, isExposed = false, bodyLimitBytes = 1_048_576, logger, redis } = options;
  assertMayListen(host, isExposed);
  let isDraining = false;
  let url = '';
  let board: QueueBoard | undefined;
  const app = fastify({
    bodyLimit: bodyLimitBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    // Only JSON is taken: forms and text are what a foreign page may send without being asked.
  });
  app.removeContentTypeParser('text/plain');
  addSecurity(app, isExposed);
  app.setErrorHandler(createErrorHandler(logger, bodyLimitBytes));
  app.setNotFoundHandler(async (request, reply) => reply.code(404).send(notFoundBody(request)));
  const state = { isDraining: () => isDraining, check: () => checkRedisHealth(redis) };
  addHealthRoutes(app, options, state);
  addRunRoutes(app, options);
  addWorkflowRoutes(app, options);
  return {
    name: 'server',
    url: () => url,
    async start() {
      board = await mountBoard(app, options);
      url = await app.listen({ host, port });
      logger.info({ event: 'server.listening', url, board: `${url}/queues` }, 'the server listens');
    },
    async drain() {
      isDraining = true;
    },
    async stop() {
      await app.close();
      await board?.close();
    },
  };
}

function mountBoard(app: FastifyInstance, options: ServerOptions): Promise<QueueBoard> {
  const { engine, connect, queuePrefix } = options;
  const prefix = queuePrefix === undefined ? {} : { queuePrefix };
  return addQueueBoard(app, {
    queue: engine.queue,
    connect,
    now: () => engine.clock.now(),
    ...prefix,
  });
}
