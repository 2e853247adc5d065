import {
  type ConductorError,
  conductorMessageOf,
  VALIDATION_MESSAGE,
  type ValidationError,
} from '@joinery/contract';
import { isJoineryError, type JoineryError, joineryError } from '@joinery/core';
import { type Logger, redactUrls } from '@joinery/kit';
import { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { z } from 'zod';

/** What the definition language says of one problem. */
const definitionProblem = z.object({ path: z.string(), message: z.string() });

/** An answer to a path or method that is not there. */
export function notFoundBody(request: FastifyRequest): ConductorError {
  const message = `there is no ${request.method} ${request.url.split('?')[0] ?? ''}`;
  return { status: 404, code: 'JN_REQUEST_INVALID', message, retryable: false };
}

/** What an error is answered with; null: it is ours, and says nothing to the client. */
export function errorBodyOf(error: FastifyError, bodyLimit: number): ConductorError | null {
  if (isJoineryError(error)) return knownBodyOf(error);
  if (hasZodFastifySchemaValidationErrors(error)) {
    const validationErrors = error.validation.map(({ instancePath, message = '' }) => ({
      path: instancePath.slice(1).replaceAll('/', '.'),
      message,
    }));
    return invalid(VALIDATION_MESSAGE, { validationErrors });
  }
  const { statusCode: status = 500, code } = error;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return tooLarge(bodyLimit);
  if (status < 400 || status > 499) return null;
  return { ...invalid(error.message), status };
}

/** What one of several requests is answered with that came together: no error of it ends the others. */
export function errorAmongOthers(error: unknown, logger: Logger): ConductorError {
  if (isJoineryError(error)) return knownBodyOf(error);
  logger.error({ event: 'request.failed', err: error }, 'one of several requests failed');
  return unexpected;
}

/** Answers a failed request. */
export type ErrorHandler = (
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<void>;

/** Answers failed requests, and logs those that are our fault. */
export function createErrorHandler(
  logger: Logger,
  { bodyLimit, instance }: { readonly bodyLimit: number; readonly instance: string },
): ErrorHandler {
  return async (error, request, reply) => {
    const body = errorBodyOf(error, bodyLimit);
    if (body === null) {
      const route = request.routeOptions.url ?? 'none';
      logger.error({ event: 'request.failed', route, err: error }, 'a request failed');
    }
    const answer = body ?? unexpected;
    if (answer.status === 503) reply.header('retry-after', '1');
    await reply.code(answer.status).send({ ...answer, instance });
  };
}

const unexpected: ConductorError = {
  status: 500,
  code: 'JN_INVARIANT_BROKEN',
  message: 'the request failed; the log of the server says why',
  retryable: false,
};

function knownBodyOf(error: JoineryError): ConductorError {
  const { http: status, code, category, details } = error;
  const message = redactUrls(conductorMessageOf(error));
  const retryable = category === 'StoreUnavailable' || code === 'JN_RATE_LIMITED';
  const problems: unknown = details['problems'];
  if (!Array.isArray(problems)) return { status, code, message, retryable };
  const validationErrors = problems.flatMap(validationErrorOf);
  return { status, code, message, retryable, validationErrors, problems };
}

function validationErrorOf(problem: unknown): readonly ValidationError[] {
  if (typeof problem === 'string') {
    const colon = problem.indexOf(': ');
    return [{ path: problem.slice(0, Math.max(0, colon)), message: problem.slice(colon + 2) }];
  }
  const known = definitionProblem.safeParse(problem);
  return known.success ? [known.data] : [];
}

function invalid(message: string, more: Partial<ConductorError> = {}): ConductorError {
  return { status: 400, code: 'JN_REQUEST_INVALID', message, retryable: false, ...more };
}

function tooLarge(limit: number): ConductorError {
  const details = { what: 'the request', size: `more than ${limit}`, limit };
  return knownBodyOf(joineryError('JN_PAYLOAD_TOO_LARGE', details));
}
