import { type JsonObject } from '@joinery/core';
import type { LookupFunction } from 'node:net';
import { defineTask, type Task } from '../define-task.ts';
import { isTerminalError, RetryableError, TerminalError } from '../task-errors.ts';
import { createAddressGuard } from './address-guard.ts';
import { AddressRefusedError } from './guarded-connect.ts';
import { exchange, type HttpResponse, responseJson } from './http-exchange.ts';
import { type HttpRequest, parseHttpRequest } from './http-request.ts';

/** How HTTP tasks are run. */
export interface HttpTaskOptions {
  /** Hosts, addresses and CIDR ranges beside the public ones, parted by commas. Default: none. */
  readonly allow?: string;
  /** Of a request's body, bytes. Default 1 MiB. */
  readonly maxRequestBytes?: number;
  /** Of a response's body, bytes. Default 1 MiB. */
  readonly maxResponseBytes?: number;
  /** Of a whole call with its redirects, ms; the input's time-outs are within it. Default 60,000. */
  readonly timeoutMs?: number;
  /** Calls of one worker at once. Default 10. */
  readonly concurrency?: number;
  /** Instead of the system's resolver. */
  readonly lookup?: LookupFunction;
}

const MIB = 1_048_576;

/**
 * The task type `HTTP` as in Conductor 3.30: `http_request` or the same members flat; output `response`. 2xx completes.
 * 408, 429, 5xx and a call that did not get through fail, with the service's Retry-After as wish; every other answer
 * fails for good. Connections go to public addresses alone, and what `allow` names. Reasons and logs hold no part of a
 * request; `response` holds what the service said. Throws JN_REQUEST_INVALID for an allow-list that cannot be read.
 */
export function httpTask(options: HttpTaskOptions = {}): Task {
  const { allow = '', timeoutMs = 60_000, concurrency = 10, lookup } = options;
  const { maxRequestBytes = MIB, maxResponseBytes = MIB } = options;
  const guard = createAddressGuard(allow);
  return defineTask<JsonObject, JsonObject>({
    type: 'HTTP',
    concurrency,
    async run(input, { signal: claim }) {
      const request = parseHttpRequest(input);
      if (Buffer.byteLength(request.body ?? '') > maxRequestBytes) {
        throw new TerminalError(`the request has more than ${maxRequestBytes} bytes`);
      }
      const signal = AbortSignal.any([claim, AbortSignal.timeout(timeoutMs)]);
      const limits = { guard, maxResponseBytes, signal, ...(lookup && { lookup }) };
      const response = await exchange(request, limits).catch((err: unknown) => {
        throw failureOfCall(request, err);
      });
      return outputOf(request, response);
    },
  });
}

function outputOf({ method }: HttpRequest, response: HttpResponse): JsonObject {
  const { statusCode, reasonPhrase, headers } = response;
  const output = { response: responseJson(response) };
  if (statusCode >= 200 && statusCode < 300) return output;
  const message = `HTTP ${method} was answered ${statusCode} ${reasonPhrase}`.trimEnd();
  if (!isWorthRetrying(statusCode)) throw new TerminalError(message, { output });
  throw new RetryableError({ message, output, ...retryAfter(headers['retry-after']?.[0]) });
}

function isWorthRetrying(statusCode: number): boolean {
  return statusCode >= 500 || statusCode === 429 || statusCode === 408;
}

/** `Retry-After` in seconds, or as a moment. */
function retryAfter(value = ''): { readonly retryAfterMs?: number } {
  const waitMs = /^\d+$/u.test(value) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isFinite(waitMs) ? { retryAfterMs: Math.max(0, waitMs) } : {};
}

/** What is told of a call that failed: a code, never a message or a cause, in which parts of the request may stand. */
function failureOfCall({ method }: HttpRequest, err: unknown): Error {
  if (isTerminalError(err)) return err;
  const code = codeOf(err);
  const message = `HTTP ${method} failed: ${code}`;
  if (FINAL.has(code)) return new TerminalError(message);
  return new RetryableError({ message });
}

const FINAL: ReadonlySet<string> = new Set(['address refused', 'UND_ERR_INVALID_ARG']);

function codeOf(err: unknown): string {
  if (err instanceof AddressRefusedError) return 'address refused';
  if (err instanceof DOMException && err.name === 'TimeoutError') return 'time-out';
  if (!(err instanceof Error)) return 'unknown';
  const first: unknown = err instanceof AggregateError ? err.errors[0] : err;
  const code = first instanceof Error && 'code' in first ? first.code : undefined;
  return typeof code === 'string' ? code : err.name;
}
