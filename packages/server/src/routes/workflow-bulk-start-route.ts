import {
  bulkStartSchema,
  type BulkStartResult,
  parseStartWorkflowRequest,
  startRequestOf,
} from '@joinery/contract';
import { type StartOutcome, type StartRequest, startRuns } from '@joinery/engine';
import { type Logger } from '@joinery/kit';
import { type Api } from '../api.ts';
import { errorAmongOthers } from '../http-error.ts';
import { type ServerParts } from '../server-parts.ts';

/**
 * Starts many runs with one request; Conductor has no such route. Answers 200 with one result per request, in their order:
 * a request that is refused has its error there, and spoils no other.
 */
export function addWorkflowBulkStartRoute(api: Api, { engine, logger }: ServerParts): void {
  const schema = { tags: ['workflow-bulk'], body: bulkStartSchema };
  api.post('/api/workflow/bulk/start', { schema }, async ({ body }) => {
    const read = body.map(readRequest);
    const requests = read.flatMap((each) => (each.type === 'read' ? [each.request] : []));
    const outcomes = (await startRuns(engine, requests)).values();
    return read.map((each) =>
      resultOf(each.type === 'read' ? outcomes.next().value : each, logger),
    );
  });
}

type Read =
  | { readonly type: 'read'; readonly request: StartRequest }
  | Extract<StartOutcome, { type: 'failed' }>;

function readRequest(body: unknown): Read {
  try {
    return { type: 'read', request: startRequestOf(parseStartWorkflowRequest(body)) };
  } catch (error) {
    return { type: 'failed', error };
  }
}

/** Undefined is never answered: there is an outcome for each request. */
function resultOf(outcome: StartOutcome | undefined, logger: Logger): BulkStartResult {
  if (outcome?.type !== 'started') return { error: errorAmongOthers(outcome?.error, logger) };
  return { workflowId: outcome.runId, isNew: outcome.isNew };
}
