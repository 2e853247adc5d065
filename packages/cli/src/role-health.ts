import { createHealthServer, type HealthServer, type Service } from '@joinery/kit';
import { checkRedisHealth } from '@joinery/server';
import { type Session } from './session.ts';

/**
 * `GET /health` for a role without an HTTP server of its own, at the configured port. Several roles on one machine have
 * one default: who comes second takes a free port and says which.
 */
export function createRoleHealth(session: Session, role: string, drain: () => void): Service {
  const { config, open, logger } = session;
  const check = () => checkRedisHealth(open.redis);
  const serverAt = (port: number): HealthServer =>
    createHealthServer({ role, host: config.http.host, port, check, drain });
  let server = serverAt(config.http.port);
  return {
    name: server.name,
    async start(signal) {
      try {
        await server.start(signal);
      } catch (error) {
        if (!isPortTaken(error)) throw error;
        server = serverAt(0);
        await server.start(signal);
      }
      const fields = { event: 'health.listening', port: server.port(), wanted: config.http.port };
      logger.info(fields, 'GET /health is answered');
    },
    drain: () => server.drain(),
    stop: () => server.stop(),
  };
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
}
