import { fastify, type FastifyInstance } from 'fastify';
import { type ServerOptions } from './create-server.ts';
import { addHealthRoutes } from './health-routes.ts';
import { createErrorHandler, notFoundBody } from './http-error.ts';
import { addQueueBoard, type QueueBoard } from './queue-board.ts';
import { addRunRoutes } from './run-routes.ts';
import { addSecurity } from './security.ts';
import { type ServerState } from './server-parts.ts';
import { addWorkflowRoutes } from './workflow-routes.ts';

/** Everything that answers, before it listens. */
export interface App {
  readonly http: FastifyInstance;
  readonly board: QueueBoard;
}

/** A client that sends its request slower than this is cut off. */
const REQUEST_TIMEOUT_MS = 30_000;
const BODY_LIMIT_BYTES = 1_048_576;

/** Puts routes, errors, security and the board together. */
export async function buildApp(options: ServerOptions, state: ServerState): Promise<App> {
  const { engine, connect, queuePrefix, logger, isExposed = false } = options;
  const { bodyLimitBytes: bodyLimit = BODY_LIMIT_BYTES } = options;
  const http = fastify({
    bodyLimit,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
  });
  // Only JSON is taken: forms and text are what a foreign page may send without being asked.
  http.removeContentTypeParser('text/plain');
  addSecurity(http, isExposed);
  http.setErrorHandler(createErrorHandler(logger, bodyLimit));
  http.setNotFoundHandler(async (request, reply) => reply.code(404).send(notFoundBody(request)));
  addHealthRoutes(http, options, state);
  addRunRoutes(http, options);
  addWorkflowRoutes(http, options);
  const board = await addQueueBoard(http, {
    queue: engine.queue,
    connect,
    now: () => engine.clock.now(),
    ...(queuePrefix === undefined ? {} : { queuePrefix }),
  });
  return { http, board };
}
