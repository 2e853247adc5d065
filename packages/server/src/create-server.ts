/*
 * Ownership: a server owns its socket and the board's connection; the engine is its maker's.
 * Interface: a Service.
 * Invariants:
 *  H1 it listens beyond loopback only with keys, or when it was told to.
 *  H2 no answer carries a stack trace; every error has a code of the catalogue.
 *  H3 stop answers within its bound: connections that are idle, or busy for too long, are closed.
 */
import { type Service } from '@joinery/kit';
import { type ApiKey } from './auth/api-key.ts';
import { type App } from './build-app.ts';
import { assertMayListen } from './loopback.ts';
import { checkRedisHealth } from './redis-health.ts';
import { type ServerParts } from './server-parts.ts';

/** How a server is made. */
export interface ServerOptions extends ServerParts {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Listen on an address that others can reach, although nobody asks for a password. Default false. */
  readonly isExposed?: boolean;
  /** Who may come in. With none, everybody may who can reach the address. */
  readonly keys?: readonly ApiKey[];
  /** Signs tokens; the same for all servers of an installation. Default: a fresh one. */
  readonly tokenSecret?: Uint8Array;
  /** Of one key, or of one address where there are no keys. Default 0: no limit. */
  readonly requestsPerSecond?: number;
  /** Requests in hand, waiting ones included, above which others are answered 503. Default 10,000. */
  readonly inHandLimit?: number;
  /** Begins to drain the whole process, for `POST /drain`. Default: there is no such path. */
  readonly drain?: () => void;
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

/** Creates the HTTP server. Throws JN_CONFIG_INVALID for a host that is not loopback, unless there are keys or it `isExposed`. */
export function createServer(options: ServerOptions): Server {
  const { host, port, isExposed = false, keys = [], logger, redis } = options;
  assertMayListen(host, isExposed || keys.length > 0);
  let isDraining = false;
  let url = '';
  let app: App | undefined;
  const state = {
    isDraining: () => isDraining,
    check: () => checkRedisHealth(redis),
    ...(options.drain ? { drain: options.drain } : {}),
  };
  return {
    name: 'server',
    url: () => url,
    async start() {
      // Roles that only ask for the health of Redis, and commands, do not pay for the web framework.
      const { buildApp } = await import('./build-app.ts');
      app = await buildApp(options, state);
      app.desk.start();
      url = await app.http.listen({ host, port });
      logger.info({ event: 'server.listening', url, board: `${url}/queues` }, 'the server listens');
    },
    async drain() {
      isDraining = true;
      // Polls that wait are answered, so that their workers turn to another server.
      await app?.desk.close();
    },
    async stop() {
      await app?.desk.close();
      await app?.http.close();
      await app?.board.close();
    },
  };
}
