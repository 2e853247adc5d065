import { JoineryError } from '@joinery/core';
import { type OpenEngine, openEngine } from '@joinery/engine';
import {
  type Config,
  createLogger,
  createMetrics,
  DeadlineError,
  type Logger,
  type Metrics,
  redactUrls,
  systemEntropy,
  withDeadline,
} from '@joinery/kit';
import { hostname } from 'node:os';
import { type EmbeddedRedis, openEmbeddedRedis } from './embedded-redis.ts';
import { type Terminal } from './terminal.ts';

/** An engine for one command or one process of roles, with the private Redis where no other was named. */
export interface Session {
  /** With `redis.url` set. */
  readonly config: Config;
  readonly open: OpenEngine;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly processId: string;
  /** Lets go of everything; the private Redis, if it was started here, comes last. */
  close(): Promise<void>;
}

/** Who opens a session. */
export interface SessionOptions {
  /** Role or command, for logs and process ids. */
  readonly name: string;
  /** Roles log to standard output; commands, whose output is their result, to standard error and less of it. */
  readonly isRole: boolean;
  readonly config?: Config;
  /** False for the process that is itself the isolated one. Default true. */
  readonly canIsolate?: boolean;
}

/** How long an opening waits for Redis before it says that there is none. */
const OPEN_WITHIN_MS = 10_000;

/** Opens a session. Throws a coded error when the configuration is wrong or Redis is not there. */
export async function openSession(terminal: Terminal, options: SessionOptions): Promise<Session> {
  const configured = options.config ?? terminal.readConfig();
  const embedded = await embeddedRedisOf(terminal, configured);
  try {
    const url = configured.redis.url ?? embedded?.url ?? '';
    const config = { ...configured, redis: { ...configured.redis, url } };
    const logger = loggerOf(terminal, config, options);
    const metrics = createMetrics({ withProcess: options.isRole });
    const processId = `${hostname()}-${process.pid}-${systemEntropy.randomId().slice(0, 8)}`;
    const { isolate } = terminal;
    const ports = isolate && options.canIsolate !== false ? { isolate } : {};
    const parts = { config, logger, metrics, processId };
    const open = await openInTime(() => openEngine({ ...parts, ports }), url);
    return {
      ...parts,
      open,
      async close() {
        await open.close();
        await embedded?.close();
      },
    };
  } catch (error) {
    await embedded?.close();
    throw error;
  }
}

async function embeddedRedisOf(
  terminal: Terminal,
  { redis }: Config,
): Promise<EmbeddedRedis | undefined> {
  if (redis.url !== undefined) return undefined;
  const embedded = await openEmbeddedRedis(terminal.cwd);
  if (embedded.isOwned) {
    terminal.err(`joinery: REDIS_URL is not set; started a private Redis at ${embedded.url}`);
  }
  return embedded;
}

function loggerOf(terminal: Terminal, { log }: Config, options: SessionOptions): Logger {
  const { name, isRole } = options;
  if (isRole) return createLogger({ level: log.level, name });
  // `info` is the default; between the lines of a table, even what has healed itself is too much.
  const level = log.level === 'info' ? 'error' : log.level;
  const write = (line: string): void => {
    terminal.err(line.trimEnd());
  };
  return createLogger({ level, name, write });
}

/** A connection tries for ever; an opening must not. */
async function openInTime(work: () => Promise<OpenEngine>, url: string): Promise<OpenEngine> {
  try {
    return await withDeadline(work, { what: 'INFO', limitMs: OPEN_WITHIN_MS });
  } catch (cause) {
    if (!(cause instanceof DeadlineError)) throw cause;
    const details = { address: redactUrls(url), operation: 'INFO', waitedMs: OPEN_WITHIN_MS };
    throw new JoineryError('JN_REDIS_UNAVAILABLE', details, { cause });
  }
}
