import {
  RETURN_STRATEGIES,
  startRequestOf,
  startWorkflowRequestSchema,
  workflowRunOf,
} from '@joinery/contract';
import { startRun } from '@joinery/engine';
import { z } from 'zod';
import { dropNullFields } from '../absent-values.ts';
import { type Api } from '../api.ts';
import { awaitRun } from '../await-run.ts';
import { optionalJsonMap, whole } from '../request-shape.ts';
import { type ServerParts } from '../server-parts.ts';

const TAGS = ['workflow'];
/** Longer than any client of Conductor asks for, and bounded. */
const WAIT_LIMIT_S = 60;

const executeQuery = z.object({
  requestId: z.string().max(255).optional(),
  waitUntilTaskRef: z.string().default(''),
  waitForSeconds: whole(0, WAIT_LIMIT_S).optional(),
  /** Accepted for Conductor's clients: every start is durable. */
  consistency: z.string().optional(),
  returnStrategy: z.enum(RETURN_STRATEGIES).default('TARGET_WORKFLOW'),
});

/** Starts runs: by a request, by name, and synchronously. Answers the bare run id. */
export function addWorkflowStartRoutes(api: Api, parts: ServerParts): void {
  const { engine } = parts;
  const start = { preValidation: dropNullFields };
  api.post(
    '/api/workflow',
    { ...start, schema: { tags: TAGS, body: startWorkflowRequestSchema } },
    async ({ body }, reply) => {
      const { runId } = await startRun(engine, startRequestOf(body));
      // Conductor's clients take the whole body for the id.
      return reply.type('text/plain').send(runId);
    },
  );
  const query = z.object({
    version: whole(0, 2_147_483_647).optional(),
    correlationId: z.string().max(1_024).optional(),
    priority: whole(0, 99).optional(),
  });
  const params = z.object({ id: z.string().min(1).max(255) });
  api.post(
    '/api/workflow/:id',
    { schema: { tags: TAGS, params, querystring: query, body: optionalJsonMap } },
    async ({ params: { id: name }, query: { version, correlationId, priority }, body }, reply) => {
      const given = { version, correlationId, priority, input: body };
      const request = startWorkflowRequestSchema.parse({ name, ...definedOf(given) });
      const { runId } = await startRun(engine, startRequestOf(request));
      return reply.type('text/plain').send(runId);
    },
  );
  addExecuteRoute(api, parts);
}

function addExecuteRoute(api: Api, { engine }: ServerParts): void {
  const schema = {
    tags: ['workflow'],
    params: z.object({ name: z.string(), version: whole(0, 2_147_483_647) }),
    querystring: executeQuery,
    // The path names the definition; clients repeat it in the body, or do not.
    body: startWorkflowRequestSchema.partial({ name: true }),
  };
  api.post(
    '/api/workflow/execute/:name/:version',
    { schema, preValidation: dropNullFields },
    async ({ params, query, body }, reply) => {
      const request = startRequestOf({ ...body, ...params });
      const { runId } = await startRun(engine, request);
      const left = new AbortController();
      reply.raw.once('close', () => left.abort());
      const { workflow, blocking } = await awaitRun(engine, runId, {
        // 0 and nothing mean Conductor's default.
        withinMs: (query.waitForSeconds || 10) * 1_000,
        untilRefs: query.waitUntilTaskRef.split(',').filter((ref) => ref !== ''),
        signal: left.signal,
      });
      const requestId = query.requestId ?? engine.entropy.randomId();
      const strategy = query.returnStrategy;
      const answer = workflowRunOf({ workflow, requestId, strategy, blocking });
      return answer ?? reply.type('application/json').send('null');
    },
  );
}

function definedOf(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null));
}
