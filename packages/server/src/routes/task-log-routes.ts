import { parseConductorTaskId, type TaskAttempt } from '@joinery/contract';
import { joineryError } from '@joinery/core';
import { z } from 'zod';
import { type Api } from '../api.ts';
import { type RouteParts } from '../server-parts.ts';
import { findAttempt } from '../update-task.ts';

const LINE_LIMIT = 100_000;
const params = z.object({ id: z.string() });

/**
 * Log lines of attempts. The body is a line as it is, whatever its content type says: clients send JSON strings with
 * their quotes, and bare text that they call JSON. A context of its own, because elsewhere only JSON is taken.
 */
export async function addTaskLogRoutes(api: Api, parts: RouteParts): Promise<void> {
  const { engine, taskLogs } = parts;
  api.removeAllContentTypeParsers();
  api.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body);
  });
  api.post(
    '/api/tasks/:id/log',
    { schema: { tags: ['tasks'], params, body: z.string().max(LINE_LIMIT).nullish() } },
    async ({ params: { id }, body }, reply) => {
      const { runId } = await attemptOf(parts, id);
      await taskLogs.append(runId, id, [{ text: body ?? '', at: engine.clock.now() }]);
      return reply.send();
    },
  );
  api.get(
    '/api/tasks/:id/log',
    { schema: { tags: ['tasks'], params } },
    async ({ params: { id: taskId } }) => {
      const { runId } = await attemptOf(parts, taskId);
      const lines = await taskLogs.list(runId, taskId);
      return lines.map(({ text: log, at: createdTime }) => ({ log, createdTime, taskId }));
    },
  );
}

async function attemptOf({ engine }: RouteParts, id: string): Promise<TaskAttempt> {
  const attempt = parseConductorTaskId(id);
  if (attempt === null) throw joineryError('JN_TASK_NOT_FOUND', { runId: 'unknown', task: id });
  await findAttempt(engine, attempt, id);
  return attempt;
}
