import { type StartWorkflowRequest } from '@joinery/contract';
import { isTerminalRun, type JsonObject } from '@joinery/core';
import { RequestRefusedError } from './request-refused-error.ts';
import { type EventsOptions, type RunEvent, runEvents } from './run-events.ts';
import { type RunReport, runReportOf } from './run-report.ts';

/** Where the server is, and who asks. */
export interface ClientOptions {
  /** Without a path: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** From `POST /api/token`; asked for at each request, so that it may be renewed. */
  readonly token?: () => string | Promise<string>;
  /** Default: the platform's. */
  readonly fetch?: typeof fetch;
}

/** How long a result is waited for. */
export interface ResultOptions {
  /** ms; default 60,000. */
  readonly withinMs?: number;
  /** Between two looks, ms; default 200. */
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
}

/** A server's API. Every method throws {@link RequestRefusedError} when the server refuses, and what `fetch` throws. */
export interface Client {
  /** Starts a run, answers its id. May be repeated when the request has an idempotency key. */
  start(request: StartWorkflowRequest): Promise<string>;
  /** The run as it stands. */
  find(runId: string): Promise<RunReport>;
  /** The run once it has ended; at the latest after `withinMs`, as it then stands. */
  result(runId: string, options?: ResultOptions): Promise<RunReport>;
  pause(runId: string): Promise<void>;
  resume(runId: string): Promise<void>;
  /** Terminating what is terminated changes nothing. */
  terminate(runId: string, reason?: string): Promise<void>;
  /**
   * What happens in a run, from its first event or the one after `after`, to its end. Ends early when the server leaves or
   * the connection breaks: go on with `after` = the last version that came.
   */
  events(runId: string, options?: EventsOptions): AsyncGenerator<RunEvent>;
  /** Ends the first WAIT that is open, with this output. */
  signal(runId: string, output: JsonObject): Promise<void>;
}

/** Creates a client. It holds no connection and need not be closed. */
export function createClient(options: ClientOptions): Client {
  const ask = (method: string, path: string, body?: unknown): Promise<unknown> =>
    send(options, { method, path, body });
  const find = async (runId: string): Promise<RunReport> =>
    runReportOf(await ask('GET', `${pathOf(runId)}?includeTasks=false`));
  const tell = async (method: string, path: string, body?: unknown): Promise<void> => {
    await ask(method, path, body);
  };
  return {
    start: async (request) => String(await ask('POST', '/api/workflow', request)),
    find,
    result: (runId, wait = {}) => awaitEnd(() => find(runId), wait),
    pause: (runId) => tell('PUT', `${pathOf(runId)}/pause`),
    resume: (runId) => tell('PUT', `${pathOf(runId)}/resume`),
    terminate: (runId, reason = '') =>
      tell('DELETE', `${pathOf(runId)}?reason=${encodeURIComponent(reason)}`),
    events: (runId, wait = {}) => runEvents(options, runId, wait),
    signal: (runId, output) =>
      tell('POST', `/api/tasks/${encodeURIComponent(runId)}/COMPLETED/signal/sync`, output),
  };
}

function pathOf(runId: string): string {
  return `/api/workflow/${encodeURIComponent(runId)}`;
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

async function send(options: ClientOptions, { method, path, body }: Sent): Promise<unknown> {
  const { url, token, fetch: ask = fetch } = options;
  const hasBody = body !== undefined;
  const response = await ask(new URL(path, url), {
    method,
    headers: {
      ...(hasBody ? { 'content-type': 'application/json' } : {}),
      ...(token ? { authorization: `Bearer ${await token()}` } : {}),
    },
    ...(hasBody ? { body: JSON.stringify(body) } : {}),
  });
  const text = await response.text();
  const answer = isJson(response) ? parsed(text) : text;
  if (response.ok) return answer;
  throw new RequestRefusedError(response.status, answer);
}

function isJson(response: Response): boolean {
  return response.headers.get('content-type')?.includes('json') === true;
}

function parsed(text: string): unknown {
  return JSON.parse(text);
}

async function awaitEnd(
  look: () => Promise<RunReport>,
  { withinMs = 60_000, everyMs = 200, signal }: ResultOptions,
): Promise<RunReport> {
  const endsAt = performance.now() + withinMs;
  for (;;) {
    const report = await look();
    if (isTerminalRun(report.status) || performance.now() >= endsAt) return report;
    signal?.throwIfAborted();
    await new Promise((resolve) => {
      setTimeout(resolve, everyMs);
    });
  }
}
