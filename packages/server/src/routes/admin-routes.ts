import { partitionOf } from '@joinery/core';
import { decideRun, relayUnsent, repairRun } from '@joinery/engine';
import { z } from 'zod';
import { type Api } from '../api.ts';
import { runPath, whole } from '../request-shape.ts';
import { findRun } from '../run-view.ts';
import { type RouteParts } from '../server-parts.ts';
import { queuedTasks } from './task-look-routes.ts';
import { version } from '../version.ts';

const TAGS = ['admin'];

/** What operators of Conductor look at and push. */
export function addAdminRoutes(api: Api, parts: RouteParts): void {
  const { engine } = parts;
  api.get('/api/admin/config', { schema: { tags: TAGS } }, async () => ({
    version,
    partitions: engine.store.partitions,
    processId: engine.processId,
  }));
  api.get('/api/admin/queues', { schema: { tags: TAGS } }, async () => {
    const types = await engine.queue.taskTypes();
    const counts = await Promise.all(types.map((type) => engine.queue.waiting(type)));
    return Object.fromEntries(types.map((type, index) => [type, counts[index]]));
  });
  api.get(
    '/api/admin/task/:type',
    {
      schema: {
        tags: TAGS,
        params: z.object({ type: z.string().min(1).max(255) }),
        querystring: z.object({
          start: whole(0, 10_000).default(0),
          count: whole(1, 1_000).default(100),
        }),
      },
    },
    async ({ params: { type }, query }) => queuedTasks(parts, type, query),
  );
  const schema = { tags: TAGS, params: runPath };
  api.post('/api/admin/sweep/requeue/:id', { schema }, async ({ params: { id } }, reply) => {
    const run = await findRun(engine, id);
    await decideRun(engine, run.id);
    return reply.type('text/plain').send(run.id);
  });
  api.post(
    '/api/admin/consistency/verifyAndRepair/:id',
    { schema },
    async ({ params: { id } }, reply) => {
      const run = await findRun(engine, id);
      const repairs = await repairRun(engine, run.id);
      await relayUnsent(engine, partitionOf(run.id));
      return reply.type('text/plain').send(String(repairs.length > 0));
    },
  );
  // Conductor's list of its own event queues, of which there are none.
  api.get('/api/queue', { schema: { tags: ['queue'] } }, async () => ({}));
  api.get('/api/queue/size', { schema: { tags: ['queue'] } }, async () => ({}));
}
