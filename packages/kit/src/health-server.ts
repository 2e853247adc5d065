import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { DeadlineError, withDeadline } from './deadline.ts';
import { type Service } from './lifecycle.ts';

/** What a process says about itself. */
export interface HealthReport {
  readonly isHealthy: boolean;
  /** Facts for a human, e.g. whether Redis answers; no secrets. */
  readonly details: Readonly<Record<string, unknown>>;
}

/** How a process is asked for its health. */
export interface HealthServerOptions {
  /** Which role answers. */
  readonly role: string;
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Looks anew at each request. One that throws or takes over 2 s is an answer too: not healthy. */
  readonly check: () => Promise<HealthReport>;
  /** Begins to drain the process; asked for by `POST /drain` from this machine. Default: there is no such path. */
  readonly drain?: () => void;
}

/** A service that answers `GET /health`. */
export interface HealthServer extends Service {
  /** Where it listens; 0 before it does. */
  port(): number;
}

/** Orchestrators ask every few seconds and give up after a few: an answer later than this is none. */
const checkLimitMs = 2_000;

/**
 * Answers `GET /health` with 200 or 503 and the report as JSON, for roles that have no HTTP server of their own. While
 * draining it answers 503, so that the process is taken for what it is: leaving.
 */
export function createHealthServer(options: HealthServerOptions): HealthServer {
  let isDraining = false;
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/health' && request.method === 'GET') {
      void answer(response, options, isDraining);
    } else if (path === '/drain' && request.method === 'POST' && options.drain && isNear(request)) {
      isDraining = true;
      options.drain();
      send(response, 202, { isDraining });
    } else {
      send(response, 404, { error: 'only GET /health is here; and POST /drain, for this machine' });
    }
  });
  return {
    name: 'health-server',
    port: () => addressOf(server)?.port ?? 0,
    start: () => listen(server, options),
    drain: async () => {
      isDraining = true;
    },
    stop: () => close(server),
  };
}

/** From this machine, or from within the pod. */
function isNear({ socket: { remoteAddress = '' } }: IncomingMessage): boolean {
  return remoteAddress === '::1' || /^(?:::ffff:)?127\./.test(remoteAddress);
}

async function answer(
  response: ServerResponse,
  options: HealthServerOptions,
  isDraining: boolean,
): Promise<void> {
  const report = await reportOf(options);
  const isHealthy = report.isHealthy && !isDraining;
  const body = { healthy: isHealthy, role: options.role, isDraining, details: report.details };
  send(response, isHealthy ? 200 : 503, body);
}

async function reportOf({ check }: HealthServerOptions): Promise<HealthReport> {
  try {
    return await withDeadline(check, { what: 'the health check', limitMs: checkLimitMs });
  } catch (error) {
    const isSlow = error instanceof DeadlineError;
    return { isHealthy: false, details: { error: isSlow ? error.message : 'the check failed' } };
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify(body));
}

function listen(server: Server, { host, port }: HealthServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // Not listening is an error to node and the wished-for state to us.
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
}

function addressOf(server: Server): AddressInfo | undefined {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address : undefined;
}
