import { conductorTaskOf, type ConductorTask, parseConductorTaskId } from '@joinery/contract';
import { joineryError } from '@joinery/core';
import { readPayloads, relayUnsent } from '@joinery/engine';
import { type ScannedJob, type ScanPage } from '@joinery/queues';
import { z } from 'zod';
import { type Api } from '../api.ts';
import { repeated } from '../request-shape.ts';
import { findRun } from '../run-view.ts';
import { type RouteParts } from '../server-parts.ts';
import { findAttempt } from '../update-task.ts';

const TAGS = ['tasks'];
const byId = z.object({ id: z.string() });
const ofType = z.object({ taskType: z.string().default('') });

/** Shows tasks, their logs, their queues, and who polls. */
export function addTaskLookRoutes(api: Api, parts: RouteParts): void {
  const { engine } = parts;
  api.get('/api/tasks/:id', { schema: { tags: TAGS, params: byId } }, async ({ params: { id } }) =>
    findTask(parts, id),
  );
  addQueueLooks(api, parts);
  api.post(
    '/api/tasks/queue/requeue/:type',
    { schema: { tags: TAGS, params: z.object({ type: z.string() }) } },
    async (_request, reply) => {
      // Of all types: whatever was committed and not yet sent is sent again, and only that can be missing.
      let count = 0;
      for (let partition = 0; partition < engine.store.partitions; partition += 1) {
        count += await relayUnsent(engine, partition);
      }
      return reply.type('text/plain').send(String(count));
    },
  );
}

/** The attempt of an id, with its payloads while it is the current one. */
async function findTask({ engine }: RouteParts, id: string): Promise<ConductorTask> {
  const attempt = parseConductorTaskId(id);
  if (attempt === null) throw joineryError('JN_TASK_NOT_FOUND', { runId: 'unknown', task: id });
  const current = await findAttempt(engine, attempt, id);
  const isReplaced = current.attempt !== attempt.attempt;
  const run = await findRun(engine, attempt.runId);
  const rows = isReplaced ? await engine.store.rows(run.id) : [current];
  const row = rows.find((each) => each.key === attempt.key && each.attempt === attempt.attempt);
  if (row === undefined) throw joineryError('JN_TASK_NOT_FOUND', { runId: run.id, task: id });
  const payloads = isReplaced ? undefined : await readPayloads(engine, run.id, [row]);
  const { input = null, output = null } = payloads?.get(row.key) ?? {};
  return conductorTaskOf({ run, row, input, output, isReplaced });
}

function addQueueLooks(api: Api, { engine, desk }: RouteParts): void {
  const sizeOf = async (taskType: string): Promise<number> => {
    const { waiting, prioritized, delayed } = await engine.queue.waiting(taskType);
    return waiting + prioritized + delayed;
  };
  const sizes = async (types: readonly string[]): Promise<Record<string, number>> =>
    Object.fromEntries(
      await Promise.all(types.map(async (type) => [type, await sizeOf(type)] as const)),
    );
  const schema = { tags: TAGS };
  api.get(
    '/api/tasks/queue/sizes',
    { schema: { ...schema, querystring: z.object({ taskType: repeated }) } },
    async ({ query }) => sizes(query.taskType.filter((type) => type !== '')),
  );
  api.get(
    '/api/tasks/queue/size',
    {
      schema: {
        ...schema,
        querystring: z.object({ taskType: z.string().min(1), domain: z.string().optional() }),
      },
    },
    async ({ query: { taskType, domain } }) =>
      sizeOf(domain === undefined ? taskType : `${domain}:${taskType}`),
  );
  api.get('/api/tasks/queue/all', { schema }, async () => sizes(await engine.queue.taskTypes()));
  api.get('/api/tasks/queue/all/verbose', { schema }, async () => {
    const types = await engine.queue.taskTypes();
    const counts = await Promise.all(types.map((type) => engine.queue.waiting(type)));
    return Object.fromEntries(types.map((type, index) => [type, counts[index]]));
  });
  for (const path of ['/api/tasks/queue/polldata', '/api/tasks/queue/polldata/all']) {
    api.get(path, { schema: { ...schema, querystring: ofType } }, async ({ query }) => {
      const polls = await desk.pollData();
      return polls
        .filter(({ taskType }) => path.endsWith('all') || taskType === query.taskType)
        .map(({ taskType: queueName, domain, worker: workerId, at: lastPollTime }) => ({
          queueName,
          domain: domain || null,
          workerId,
          lastPollTime,
        }));
    });
  }
}

/** The first tasks that wait in the queue of a type. */
export async function queuedTasks(
  parts: RouteParts,
  taskType: string,
  { start, count }: { readonly start: number; readonly count: number },
): Promise<readonly ConductorTask[]> {
  const jobs = await firstJobs(parts, taskType, start + count);
  const shown = await Promise.all(
    jobs.slice(start).map(async ({ job }) => {
      if (job === null) return null;
      const id = `${job.taskId}.${job.attempt}`;
      return findTask(parts, id).catch(() => null);
    }),
  );
  return shown.filter((task) => task !== null);
}

/** A scan goes state by state: its first page may be empty although jobs wait. */
async function firstJobs(
  { engine }: RouteParts,
  taskType: string,
  limit: number,
): Promise<readonly ScannedJob[]> {
  const jobs: ScannedJob[] = [];
  let cursor: string | null = null;
  do {
    const page: ScanPage = await engine.queue.scan(taskType, cursor, limit);
    jobs.push(...page.jobs);
    cursor = page.cursor;
  } while (cursor !== null && jobs.length < limit);
  return jobs.slice(0, limit);
}
