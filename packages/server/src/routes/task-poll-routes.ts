import { z } from 'zod';
import { type Api } from '../api.ts';
import { type ClaimedTask, confirmTasks, returnTasks } from '../remote/claimed-task.ts';
import { whole } from '../request-shape.ts';
import { type RouteParts } from '../server-parts.ts';
import { type FastifyReply } from 'fastify';

const params = z.object({ type: z.string().min(1).max(255) });
const pollQuery = z.object({
  workerid: z.string().max(255).default(''),
  domain: z.string().max(255).default(''),
});
const batchQuery = pollQuery.extend({
  count: whole(1, 1_000).default(1),
  // Conductor's own bound.
  timeout: whole(0, 5_000).default(100),
});

/** Who polls once and does not say for how long: as long as Conductor's single poll. */
const SINGLE_WAIT_MS = 100;

/** Hands tasks to remote workers. Claims whose answer never left go back at once. */
export function addTaskPollRoutes(api: Api, { engine, desk }: RouteParts): void {
  const poll = async (
    reply: FastifyReply,
    request: Omit<Parameters<typeof desk.poll>[0], 'signal'>,
  ): Promise<readonly ClaimedTask[]> => {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const tasks = await desk.poll({ ...request, signal: gone.signal });
    if (tasks.length > 0) settleWithReply(reply, tasks);
    return tasks;
  };
  /** Whether the answer left is known after the handler: until then the claims have a short lease. */
  const settleWithReply = (reply: FastifyReply, tasks: readonly ClaimedTask[]): void => {
    const settle = reply.raw.destroyed ? returnTasks : undefined;
    if (settle) return quietly(settle(engine, tasks));
    let hasLeft = false;
    reply.raw.once('finish', () => {
      hasLeft = true;
      quietly(confirmTasks(engine, tasks));
    });
    reply.raw.once('close', () => {
      if (!hasLeft) quietly(returnTasks(engine, tasks));
    });
  };
  const quietly = (work: Promise<void>): void => {
    work.catch((err: unknown) => {
      const fields = { event: 'poll.unsettled', err };
      engine.logger.warn(fields, 'claims keep their short lease; the sweeper finds those that end');
    });
  };
  const access = { config: { role: 'operator' } } as const;
  api.get(
    '/api/tasks/poll/batch/:type',
    { ...access, schema: { tags: ['tasks'], params, querystring: batchQuery } },
    async ({ params: { type: taskType }, query }, reply) => {
      const { workerid: worker, domain, count, timeout: waitMs } = query;
      const tasks = await poll(reply, { taskType, domain, worker, count, waitMs });
      return tasks.map(({ shown }) => shown);
    },
  );
  api.get(
    '/api/tasks/poll/:type',
    { ...access, schema: { tags: ['tasks'], params, querystring: pollQuery } },
    async ({ params: { type: taskType }, query: { workerid: worker, domain } }, reply) => {
      const request = { taskType, domain, worker, count: 1, waitMs: SINGLE_WAIT_MS };
      const [task] = await poll(reply, request);
      return task?.shown ?? reply.code(204).send();
    },
  );
}
