import { joineryError } from '@joinery/core';
import { DeadlineError, type HealthReport, withDeadline } from '@joinery/kit';
import { type Api } from '../api.ts';
import { isLoopbackHost } from '../loopback.ts';
import { version } from '../version.ts';
import { type ServerParts, type ServerState } from '../server-parts.ts';

/** Orchestrators give up after a few seconds: an answer later than this is none. */
const CHECK_LIMIT_MS = 2_000;

/** `/health`, `/ready` for orchestrators and `/metrics` for Prometheus. */
export function addHealthRoutes(
  app: Api,
  { metrics }: Pick<ServerParts, 'metrics'>,
  state: ServerState,
): void {
  for (const path of ['/health', '/ready', '/api/health']) {
    app.get(path, async (_request, reply) => {
      const report = await reportOf(state);
      const isDraining = state.isDraining();
      const healthy = report.isHealthy && !isDraining;
      const { details } = report;
      const healthResults = [{ healthy: report.isHealthy, details }];
      const conductors = { healthResults, suppressedHealthResults: false };
      const body = { healthy, role: 'server', isDraining, details, ...conductors };
      return reply.code(healthy ? 200 : 503).send(body);
    });
  }
  const { drain } = state;
  if (drain) {
    app.post('/drain', { config: { role: 'admin' } }, async ({ ip, principal }, reply) => {
      if (principal === null && !isLoopbackHost(ip)) {
        throw joineryError('JN_AUTH_DENIED', {
          who: ip,
          problem: 'only this machine may drain it',
        });
      }
      drain();
      return reply.code(202).send({ isDraining: true });
    });
  }
  app.get('/api/version', async (_request, reply) => reply.type('text/plain').send(version));
  app.get('/metrics', async (_request, reply) =>
    reply.header('content-type', metrics.contentType).send(await metrics.render()),
  );
}

async function reportOf({ check }: ServerState): Promise<HealthReport> {
  try {
    return await withDeadline(check, { what: 'Redis', limitMs: CHECK_LIMIT_MS });
  } catch (error) {
    const problem = error instanceof DeadlineError ? error.message : 'the check failed';
    return { isHealthy: false, details: { redis: { problems: [problem] } } };
  }
}
