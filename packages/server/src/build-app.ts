import { openJobFetcher } from '@joinery/queues';
import { fastify, type FastifyInstance } from 'fastify';
import {
  serializerCompiler,
  validatorCompiler,
  type ZodTypeProvider,
} from 'fastify-type-provider-zod';
import { dropEmptyQuery, refuseDeepBody } from './absent-values.ts';
import { addApiDocs } from './api-docs.ts';
import { addApiRoutes } from './api-routes.ts';
import { type AccessRules, createAccessCheck } from './auth/access.ts';
import { createTokens } from './auth/tokens.ts';
import { type ServerOptions } from './create-server.ts';
import { createErrorHandler, type ErrorHandler, notFoundBody } from './http-error.ts';
import { addOverloadGuard } from './overload.ts';
import { addQueueBoard, type QueueBoard } from './queue-board.ts';
import { addRateLimit } from './rate-limit.ts';
import { createRemoteDesk, type RemoteDesk } from './remote/remote-desk.ts';
import { addSecurity } from './security.ts';
import { type ServerState } from './server-parts.ts';

/** Everything that answers, before it listens. */
export interface App {
  readonly http: FastifyInstance;
  readonly board: QueueBoard;
  readonly desk: RemoteDesk;
}

/** A client that sends its request slower than this is cut off. */
const REQUEST_TIMEOUT_MS = 30_000;
const BODY_LIMIT_BYTES = 1_048_576;
/** Ids in paths: a task's has the run's, the encoded reference and the attempt. */
const PARAM_LIMIT = 2_048;
/** A thousand idle long polls are no load; ten times that is somebody's mistake. */
const IN_HAND_LIMIT = 10_000;
const TOKEN_TTL_SECONDS = 3_600;

/** Puts routes, errors, security and the board together. */
export async function buildApp(options: ServerOptions, state: ServerState): Promise<App> {
  const { engine, logger, bodyLimitBytes: bodyLimit = BODY_LIMIT_BYTES } = options;
  const handleError = createErrorHandler(logger, { bodyLimit, instance: engine.processId });
  const http = createHttp(bodyLimit, handleError);
  const access = accessOf(options);
  addSecurity(http, { isExposed: options.isExposed === true || access.keys.length > 0 });
  addOverloadGuard(http, options.inHandLimit ?? IN_HAND_LIMIT);
  http.decorateRequest('principal', null);
  http.addHook('onRequest', createAccessCheck(access));
  await addRateLimit(http, options.requestsPerSecond ?? 0);
  http.addHook('preValidation', dropEmptyQuery);
  http.addHook('preValidation', refuseDeepBody);
  await addApiDocs(http);
  const desk = createDesk(options);
  const api = http.withTypeProvider<ZodTypeProvider>();
  await addApiRoutes(api, { parts: { ...options, desk }, state, access });
  const { connect, queuePrefix } = options;
  const board = await addQueueBoard(http, {
    queue: engine.queue,
    connect,
    now: () => engine.clock.now(),
    onError: handleError,
    ...(queuePrefix === undefined ? {} : { queuePrefix }),
  });
  return { http, board, desk };
}

function createHttp(bodyLimit: number, handleError: ErrorHandler): FastifyInstance {
  const http = fastify({
    bodyLimit,
    requestTimeout: REQUEST_TIMEOUT_MS,
    forceCloseConnections: true,
    // Paths that cannot be read reach no route and so no handler of its.
    frameworkErrors: (error, request, reply) => {
      void handleError(error, request, reply);
    },
    routerOptions: { maxParamLength: PARAM_LIMIT },
  });
  http.setValidatorCompiler(validatorCompiler);
  http.setSerializerCompiler(serializerCompiler);
  // Only JSON is taken: forms and text are what a foreign page may send without being asked.
  http.removeContentTypeParser('text/plain');
  http.setErrorHandler(handleError);
  http.setNotFoundHandler(async (request, reply) => reply.code(404).send(notFoundBody(request)));
  return http;
}

function accessOf({ keys = [], tokenSecret }: ServerOptions): AccessRules {
  // Without a configured secret tokens are good for this process alone, and end with it.
  const secret = tokenSecret ?? crypto.getRandomValues(new Uint8Array(32));
  return { keys, tokens: createTokens(secret, TOKEN_TTL_SECONDS) };
}

function createDesk({ engine, polls, connect, queuePrefix, logger }: ServerOptions): RemoteDesk {
  return createRemoteDesk({
    engine,
    polls,
    openFetcher: (taskType) =>
      openJobFetcher({
        taskType,
        connect,
        log: logger,
        ...(queuePrefix === undefined ? {} : { prefix: queuePrefix }),
      }),
  });
}
