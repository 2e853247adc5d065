import { createServiceGroup, runProcess, type Service } from '@joinery/kit';
import { loadTasks, type Task } from '@joinery/worker';
import { createRoleHealth } from './role-health.ts';
import { createRoleServices, type Role, ROLES } from './roles.ts';
import { openSession, type Session } from './session.ts';
import { type Terminal } from './terminal.ts';

/** What `joinery all`, `joinery worker` and the others were told. */
export interface RunRolesOptions {
  /** One role, or all of them. */
  readonly role: Role | 'all';
  /** Module with the task handlers of the worker. */
  readonly tasks?: string;
  /** Instead of the configured one. */
  readonly port?: number;
  readonly isExposed?: boolean;
}

/** A worker that was told to stop hands its tasks back in this time, also when Redis answers late. */
const STOP_TIMEOUT_MS = 10_000;

/** Runs roles in this process until SIGTERM or SIGINT; answers the exit code. */
export async function runRoles(terminal: Terminal, options: RunRolesOptions): Promise<number> {
  const { role, port, isExposed = false } = options;
  const config = terminal.readConfig();
  const http = port === undefined ? config.http : { ...config.http, port };
  const tasks = options.tasks === undefined ? [] : await tasksOf(terminal, options.tasks);
  const session = await openSession(terminal, {
    name: role,
    isRole: true,
    config: { ...config, http },
  });
  try {
    const roles = role === 'all' ? ROLES : [role];
    const fenced = new AbortController();
    const drain = (): void => {
      session.logger.info({ event: 'process.draining' }, 'asked to drain; no new work is taken');
      void group.drain();
    };
    const fence = (): void => {
      fenced.abort();
    };
    const given = { roles, tasks, isExposed, drain, fence };
    const { services, server } = createRoleServices(session, given);
    const health = server ? announcement(terminal, server) : createRoleHealth(session, role, drain);
    const group = createServiceGroup({
      services: [...services, health],
      logger: session.logger,
      drainTimeoutMs: config.shutdown.drainTimeoutMs,
      stopTimeoutMs: STOP_TIMEOUT_MS,
    });
    const { logger } = session;
    const ending = terminal.signal ? { signal: terminal.signal } : {};
    return await runProcess({ group, logger, broken: fenced.signal, ...ending });
  } finally {
    await closeQuietly(session);
  }
}

function tasksOf(terminal: Terminal, modulePath: string): Promise<readonly Task[]> {
  return loadTasks(modulePath, { cwd: terminal.cwd });
}

/** Comes last, so that the address is shown when everything behind it runs. */
function announcement(terminal: Terminal, server: { readonly url: () => string }): Service {
  return {
    name: 'announcement',
    async start() {
      terminal.err(`joinery: ready at ${server.url()} (queues at ${server.url()}/queues)`);
    },
    drain: nothing,
    stop: nothing,
  };
}

async function nothing(): Promise<void> {
  // It owns nothing.
}

async function closeQuietly(session: Session): Promise<void> {
  try {
    await session.close();
  } catch (err) {
    session.logger.warn({ event: 'session.close-failed', err }, 'the engine did not close cleanly');
  }
}
