import { isJoineryError, joineryError, type ErrorCode } from '@joinery/core';
import { type Logger, redactUrls } from '@joinery/kit';
import { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';

/** What every failed request is answered with. Never a stack trace, never a message that was not meant for users. */
export interface HttpErrorBody {
  readonly status: number;
  readonly code: ErrorCode;
  readonly message: string;
  /** Conductor's clients read it: the same request may succeed later. */
  readonly retryable: boolean;
  /** Every problem of a definition or request, when there are several. */
  readonly problems?: readonly unknown[];
}

/** An answer to a path or method that is not there. */
export function notFoundBody(request: FastifyRequest): HttpErrorBody {
  const message = `there is no ${request.method} ${request.url.split('?')[0] ?? ''}`;
  return { status: 404, code: 'JN_REQUEST_INVALID', message, retryable: false };
}

/** What an error is answered with; null: it is ours, and says nothing to the client. */
export function errorBodyOf(error: FastifyError, bodyLimit: number): HttpErrorBody | null {
  if (isJoineryError(error)) {
    const { http: status, code, message, category, details } = error;
    const problems = details['problems'];
    const body = { status, code, message: redactUrls(message) };
    const retryable = category === 'StoreUnavailable';
    return { ...body, retryable, ...(Array.isArray(problems) ? { problems } : {}) };
  }
  const { statusCode: status = 500, code } = error;
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return tooLarge(bodyLimit);
  if (status < 400 || status > 499) return null;
  return { status, code: 'JN_REQUEST_INVALID', message: error.message, retryable: false };
}

/** Answers failed requests, and logs those that are our fault. */
export function createErrorHandler(
  logger: Logger,
  bodyLimit: number,
): (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  return async (error, request, reply) => {
    const body = errorBodyOf(error, bodyLimit);
    if (body === null) {
      const route = request.routeOptions.url ?? 'none';
      logger.error({ event: 'request.failed', route, err: error }, 'a request failed');
    }
    const answer = body ?? unexpected;
    await reply.code(answer.status).send(answer);
  };
}

const unexpected: HttpErrorBody = {
  status: 500,
  code: 'JN_INVARIANT_BROKEN',
  message: 'the request failed; the log of the server says why',
  retryable: false,
};

function tooLarge(limit: number): HttpErrorBody {
  const details = { what: 'the request', size: `more than ${limit}`, limit };
  const { http, code, message } = joineryError('JN_PAYLOAD_TOO_LARGE', details);
  return { status: http, code, message, retryable: false };
}
