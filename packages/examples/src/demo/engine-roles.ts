import { createRoleServices, openSession, type Role, type Session } from '@joinery/cli';
import { type Config, createServiceGroup } from '@joinery/kit';

/** The roles of the engine in this process: all but workers. */
export interface EngineRoles extends AsyncDisposable {
  readonly session: Session;
  readonly redisUrl: string;
  /** Where the HTTP server listens; null without one. */
  readonly serverUrl: string | null;
}

/** What is started. */
export interface EngineRolesOptions {
  readonly config: Config;
  /** With an HTTP server too. */
  readonly isServing: boolean;
  /** Where `.joinery/` is, when no Redis is named. */
  readonly cwd: string;
  readonly say: (line: string) => void;
}

/** How long decisions in hand may take at the end; what is left is found again by whoever comes next. */
const DRAIN_MS = 2_000;

/** Starts or joins Redis as the command does, and runs scheduler, coordinator and sweeper on it. */
export async function openRoles(options: EngineRolesOptions): Promise<EngineRoles> {
  const { config, cwd, say, isServing } = options;
  // People read this output; what a log would say at lower levels is in the picture of the run.
  const quiet: Config = { ...config, log: { level: 'error' } };
  const terminal = { out: say, err: say, readConfig: () => quiet, cwd };
  const session = await openSession(terminal, { name: 'example', isRole: false });
  try {
    const inside: readonly Role[] = ['sweeper', 'coordinator', 'scheduler'];
    const roles = isServing ? [...inside, 'server' as const] : inside;
    const { services, server } = createRoleServices(session, { roles });
    const { logger } = session;
    const group = createServiceGroup({ services, logger, drainTimeoutMs: DRAIN_MS });
    await group.start();
    return {
      session,
      redisUrl: session.config.redis.url ?? '',
      serverUrl: server?.url() ?? null,
      async [Symbol.asyncDispose]() {
        await group.stop();
        await session.close();
      },
    };
  } catch (error) {
    await session.close();
    throw error;
  }
}
