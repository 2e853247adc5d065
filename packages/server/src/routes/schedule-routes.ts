import {
  bulkResponseOf,
  conductorMessageOf,
  scheduleExecutionOf,
  type ScheduleExecution,
  workflowScheduleOf,
  workflowScheduleSchema,
  writtenScheduleOf,
} from '@joinery/contract';
import { isJoineryError, joineryError } from '@joinery/core';
import {
  getSchedule,
  listSchedules,
  nextFirings,
  pauseSchedule,
  putSchedule,
  removeSchedule,
  resumeSchedule,
  scheduleEvents,
} from '@joinery/engine';
import { z } from 'zod';
import { type Api } from '../api.ts';
import { whole } from '../request-shape.ts';
import { type ServerParts } from '../server-parts.ts';

const TAGS = ['scheduler'];
const ROOT = '/api/scheduler';
/** Schedules decide what is started later, by nobody. */
const change = { config: { role: 'admin' } } as const;
const byName = z.object({ name: z.string() });
const reasonQuery = z.object({ reason: z.string().max(1_024).optional() });
const moment = whole(0, Number.MAX_SAFE_INTEGER).optional();
const page = {
  start: whole(0, 1_000_000).optional(),
  size: whole(1, 1_000).optional(),
} as const;
/** What one schedule's log is asked for: all of it. */
const EVENTS = 200;

/** Conductor's scheduler: save, look, pause, resume, delete, preview, executions. */
export function addScheduleRoutes(api: Api, parts: ServerParts): void {
  api.post(
    `${ROOT}/schedules`,
    { ...change, schema: { tags: TAGS, body: workflowScheduleSchema } },
    async ({ body }) => {
      const { json, ...pause } = writtenScheduleOf(body);
      return workflowScheduleOf(await putSchedule(parts, json, pause));
    },
  );
  api.delete(
    `${ROOT}/schedules/:name`,
    { ...change, schema: { tags: TAGS, params: byName } },
    async ({ params: { name } }, reply) => {
      await removeSchedule(parts, name);
      return reply.send();
    },
  );
  addPauses(api, parts);
  addLooks(api, parts);
  addPreviews(api, parts);
  addExecutions(api, parts);
}

function addPauses(api: Api, parts: ServerParts): void {
  api.put(
    `${ROOT}/schedules/:name/pause`,
    { schema: { tags: TAGS, params: byName, querystring: reasonQuery } },
    async ({ params: { name }, query: { reason = '' } }, reply) => {
      await pauseSchedule(parts, name, reason);
      return reply.send();
    },
  );
  api.put(
    `${ROOT}/schedules/:name/resume`,
    { schema: { tags: TAGS, params: byName } },
    async ({ params: { name } }, reply) => {
      await resumeSchedule(parts, name);
      return reply.send();
    },
  );
  const schema = { tags: TAGS, body: z.array(z.string()).max(1_000) };
  api.put(`${ROOT}/bulk/pause`, { schema }, async ({ body }) =>
    inTurn(body, (name) => pauseSchedule(parts, name)),
  );
  api.put(`${ROOT}/bulk/resume`, { schema }, async ({ body }) =>
    inTurn(body, (name) => resumeSchedule(parts, name)),
  );
}

function addLooks(api: Api, parts: ServerParts): void {
  const ofWorkflow = z.object({ workflowName: z.string().optional() });
  const listed = async (workflowName = '') =>
    (await listSchedules(parts))
      .filter(({ schedule }) => workflowName === '' || schedule.start.name === workflowName)
      .map(workflowScheduleOf);
  api.get(
    `${ROOT}/schedules`,
    { schema: { tags: TAGS, querystring: ofWorkflow } },
    async ({ query }) => listed(query.workflowName),
  );
  api.get(
    `${ROOT}/schedules/search`,
    { schema: { tags: TAGS, querystring: ofWorkflow.extend(page) } },
    async ({ query: { workflowName, start = 0, size = 100 } }) => {
      const results = await listed(workflowName);
      return { totalHits: results.length, results: results.slice(start, start + size) };
    },
  );
  api.get(
    `${ROOT}/schedules/:name`,
    { schema: { tags: TAGS, params: byName } },
    async ({ params: { name } }) => workflowScheduleOf(await getSchedule(parts, name)),
  );
}

function addPreviews(api: Api, parts: ServerParts): void {
  const limit = whole(1, 100).optional();
  const querystring = z.object({
    cronExpression: z.string(),
    zoneId: z.string().optional(),
    scheduleStartTime: moment,
    scheduleEndTime: moment,
    limit,
  });
  api.get(
    `${ROOT}/nextFewSchedules`,
    { schema: { tags: TAGS, querystring } },
    async ({ query: { limit: count = 5, ...query } }) => {
      const startWorkflowRequest = { name: 'preview' };
      const { json } = writtenScheduleOf({ name: 'preview', startWorkflowRequest, ...query });
      return (await nextFirings(parts, json, count)).map(({ plannedAt }) => plannedAt);
    },
  );
}

const SCHEDULE_QUERY = /^\s*scheduleName\s*(?:=|IN)\s*\(?([^()]*)\)?\s*$/i;

function addExecutions(api: Api, parts: ServerParts): void {
  const executions = async (name: string): Promise<readonly ScheduleExecution[]> => {
    const [{ schedule }, events] = await Promise.all([
      getSchedule(parts, name),
      scheduleEvents(parts, name, EVENTS),
    ]);
    return events.map((event) => scheduleExecutionOf(schedule, event));
  };
  api.get(
    `${ROOT}/search/executions`,
    {
      schema: { tags: TAGS, querystring: z.looseObject({ query: z.string().optional(), ...page }) },
    },
    async ({ query: { query = '', start = 0, size = 100 } }) => {
      const all = await listSchedules(parts);
      const wanted = namesOf(query) ?? all.map(({ schedule }) => schedule.name);
      const known = all.filter(({ schedule }) => wanted.includes(schedule.name));
      const found = await Promise.all(known.map(({ schedule }) => executions(schedule.name)));
      const results = found.flat().toSorted((a, b) => b.executionTime - a.executionTime);
      return { totalHits: results.length, results: results.slice(start, start + size) };
    },
  );
}

/** Names of `scheduleName IN (a,b)` or `scheduleName = a`; null: all of them. */
function namesOf(query: string): readonly string[] | null {
  if (query.trim() === '' || query.trim() === '*') return null;
  const [, list] = SCHEDULE_QUERY.exec(query) ?? [];
  if (list !== undefined) return list.split(',').map((name) => name.trim().replaceAll(/["']/g, ''));
  const problem = `${query.slice(0, 100)} is not scheduleName = … or scheduleName IN (…)`;
  throw joineryError('JN_REQUEST_INVALID', { what: 'query', problem });
}

async function inTurn(
  names: readonly string[],
  work: (name: string) => Promise<unknown>,
): Promise<ReturnType<typeof bulkResponseOf>> {
  const outcomes: [name: string, error: string | null][] = [];
  for (const name of names) {
    try {
      await work(name);
      outcomes.push([name, null]);
    } catch (error) {
      if (!isJoineryError(error)) throw error;
      outcomes.push([name, conductorMessageOf(error)]);
    }
  }
  return bulkResponseOf(outcomes);
}
