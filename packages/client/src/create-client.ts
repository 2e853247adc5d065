import { type StartWorkflowRequest } from '@joinery/contract';
import { isTerminalRun, type JsonObject } from '@joinery/core';
import { askServer, type ClientOptions, pathTo, queryOf } from './ask-server.ts';
import { type DeadLettersClient, deadLettersClient } from './dead-letters-client.ts';
import { type EventHandlersClient, eventHandlersClient } from './event-handlers-client.ts';
import { type FleetReport, fleetReportSchema } from './fleet-report.ts';
import { type EventsOptions, type RunEvent, runEvents } from './run-events.ts';
import { type RunReport, runReportOf } from './run-report.ts';
import { type SchedulesClient, schedulesClient } from './schedules-client.ts';

/** How long a result is waited for. */
export interface ResultOptions {
  /** ms; default 60,000. */
  readonly withinMs?: number;
  /** Between two looks, ms; default 200. */
  readonly everyMs?: number;
  readonly signal?: AbortSignal;
}

/** Where a run begins again, and with what; Conductor's names, since it travels as it is. */
export interface RerunWish {
  readonly reRunFromTaskId?: string;
  readonly taskInput?: JsonObject;
  readonly workflowInput?: JsonObject;
  readonly correlationId?: string;
}

const RUNS = '/api/workflow';

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
  /** What has failed or was canceled is tried again where it stands. */
  retry(runId: string): Promise<void>;
  /** From the beginning, with the same input. */
  restart(runId: string, options?: { readonly useLatestDefinitions?: boolean }): Promise<void>;
  /** From one task of a run that has ended, or without one from the beginning. */
  rerun(runId: string, wish?: RerunWish): Promise<void>;
  /** Of a run that has ended: afterwards there is no such run. */
  remove(runId: string): Promise<void>;
  /** A task that the run has not reached is passed by, with this output. */
  skip(runId: string, task: string, output?: JsonObject): Promise<void>;
  /** Merges into the variables of a run that goes on. */
  setVariables(runId: string, variables: JsonObject): Promise<void>;
  /**
   * What happens in a run, from its first event or the one after `after`, to its end. Ends early when the server leaves or
   * the connection breaks: go on with `after` = the last version that came.
   */
  events(runId: string, options?: EventsOptions): AsyncGenerator<RunEvent>;
  /** Ends the first WAIT that is open, with this output. */
  signal(runId: string, output: JsonObject): Promise<void>;
  fleet(): Promise<FleetReport>;
  readonly schedules: SchedulesClient;
  readonly deadLetters: DeadLettersClient;
  readonly eventHandlers: EventHandlersClient;
}

/** Creates a client. It holds no connection and need not be closed. */
export function createClient(options: ClientOptions): Client {
  const ask = askServer(options);
  const find = async (runId: string): Promise<RunReport> =>
    runReportOf(await ask('GET', pathTo(RUNS, runId, '?includeTasks=false')));
  const tell = async (method: string, path: string, body?: unknown): Promise<void> => {
    await ask(method, path, body);
  };
  return {
    start: async (request) => String(await ask('POST', RUNS, request)),
    find,
    result: (runId, wait = {}) => awaitEnd(() => find(runId), wait),
    pause: (runId) => tell('PUT', pathTo(RUNS, runId, '/pause')),
    resume: (runId) => tell('PUT', pathTo(RUNS, runId, '/resume')),
    terminate: (runId, reason) => tell('DELETE', pathTo(RUNS, runId, queryOf({ reason }))),
    retry: (runId) => tell('POST', pathTo(RUNS, runId, '/retry')),
    restart: (runId, { useLatestDefinitions } = {}) =>
      tell('POST', pathTo(RUNS, runId, `/restart${queryOf({ useLatestDefinitions })}`)),
    rerun: (runId, wish = {}) => tell('POST', pathTo(RUNS, runId, '/rerun'), wish),
    remove: (runId) => tell('DELETE', pathTo(RUNS, runId, '/remove')),
    skip: (runId, task, output = {}) =>
      tell('PUT', pathTo(pathTo(RUNS, runId, '/skiptask'), task), { taskOutput: output }),
    setVariables: (runId, variables) => tell('POST', pathTo(RUNS, runId, '/variables'), variables),
    events: (runId, wait = {}) => runEvents(options, runId, wait),
    signal: (runId, output) =>
      tell('POST', pathTo('/api/tasks', runId, '/COMPLETED/signal/sync'), output),
    fleet: async () => fleetReportSchema.parse(await ask('GET', '/api/fleet')),
    schedules: schedulesClient(ask),
    deadLetters: deadLettersClient(ask),
    eventHandlers: eventHandlersClient(ask),
  };
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
