import { taskSummaryOf } from '@joinery/contract';
import { type Api } from '../api.ts';
import { findTasks } from '../find-tasks.ts';
import { type ServerParts } from '../server-parts.ts';
import { searchQuery } from './search-query.ts';

/** Finds tasks by Conductor's query language; see `find-tasks` for how far back. */
export function addTaskSearchRoutes(api: Api, parts: ServerParts): void {
  const schema = { tags: ['tasks'], querystring: searchQuery };
  api.get('/api/tasks/search', { schema }, async ({ query: { start, size, ...text } }) => {
    const { totalHits, results } = await findTasks(parts, text, { start, size });
    return { totalHits, results: results.map(taskSummaryOf) };
  });
  api.get('/api/tasks/search-v2', { schema }, async ({ query: { start, size, ...text } }) =>
    findTasks(parts, text, { start, size }),
  );
}
