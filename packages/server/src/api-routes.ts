import { type Api } from './api.ts';
import { type AccessRules } from './auth/access.ts';
import { addAdminRoutes } from './routes/admin-routes.ts';
import { addCircuitRoutes } from './routes/circuit-routes.ts';
import { addCorrelatedRoutes } from './routes/correlated-routes.ts';
import { addDeadLetterRoutes } from './routes/dead-letter-routes.ts';
import { addEventRoutes } from './routes/event-routes.ts';
import { addFleetRoutes } from './routes/fleet-routes.ts';
import { addEventStreamRoutes } from './routes/event-stream-routes.ts';
import { addHealthRoutes } from './routes/health-routes.ts';
import { addMetadataTaskRoutes } from './routes/metadata-task-routes.ts';
import { addMetadataWorkflowRoutes } from './routes/metadata-workflow-routes.ts';
import { addNotYetRoutes } from './routes/not-yet-routes.ts';
import { addRateLimitRoutes } from './routes/rate-limit-routes.ts';
import { addRunRoutes } from './routes/run-routes.ts';
import { addBackfillRoutes } from './routes/backfill-routes.ts';
import { addScheduleRoutes } from './routes/schedule-routes.ts';
import { addSchemaRoutes } from './routes/schema-routes.ts';
import { addSecretRoutes } from './routes/secret-routes.ts';
import { addTagRoutes } from './routes/tag-routes.ts';
import { addTaskLogRoutes } from './routes/task-log-routes.ts';
import { addTaskLookRoutes } from './routes/task-look-routes.ts';
import { addTaskPollRoutes } from './routes/task-poll-routes.ts';
import { addTaskSearchRoutes } from './routes/task-search-routes.ts';
import { addTaskUpdateRoutes } from './routes/task-update-routes.ts';
import { addTokenRoutes } from './routes/token-routes.ts';
import { addWorkflowBulkStartRoute } from './routes/workflow-bulk-start-route.ts';
import { addWorkflowLookRoutes } from './routes/workflow-look-routes.ts';
import { addWorkflowOperateRoutes } from './routes/workflow-operate-routes.ts';
import { addWorkflowSearchRoutes } from './routes/workflow-search-routes.ts';
import { addWorkflowRemoveRoutes } from './routes/workflow-remove-routes.ts';
import { addWorkflowReopenRoutes } from './routes/workflow-reopen-routes.ts';
import { addWorkflowStartRoutes } from './routes/workflow-start-routes.ts';
import { type RouteParts, type ServerState } from './server-parts.ts';

/** What all routes stand on. */
export interface ApiOptions {
  readonly parts: RouteParts;
  readonly state: ServerState;
  readonly access: AccessRules;
}

/** Adds every route. */
export async function addApiRoutes(api: Api, options: ApiOptions): Promise<void> {
  const { parts, state, access } = options;
  addHealthRoutes(api, parts, state);
  addFleetRoutes(api, parts);
  addRunRoutes(api, parts);
  addEventStreamRoutes(api, parts, state);
  addTokenRoutes(api, access);
  addWorkflowStartRoutes(api, parts);
  addWorkflowBulkStartRoute(api, parts);
  addWorkflowLookRoutes(api, parts);
  addWorkflowSearchRoutes(api, parts);
  addCorrelatedRoutes(api, parts);
  addTaskSearchRoutes(api, parts);
  addWorkflowOperateRoutes(api, parts);
  addWorkflowReopenRoutes(api, parts);
  addWorkflowRemoveRoutes(api, parts);
  addMetadataWorkflowRoutes(api, parts);
  addMetadataTaskRoutes(api, parts);
  addTaskPollRoutes(api, parts);
  addTaskUpdateRoutes(api, parts);
  addTaskLookRoutes(api, parts);
  addScheduleRoutes(api, parts);
  addBackfillRoutes(api, parts);
  addDeadLetterRoutes(api, parts);
  addCircuitRoutes(api, parts);
  addEventRoutes(api, parts);
  addRateLimitRoutes(api, parts);
  addTagRoutes(api, parts);
  addSchemaRoutes(api, parts);
  addSecretRoutes(api, parts);
  addAdminRoutes(api, parts);
  addNotYetRoutes(api);
  await api.register(async (scope) => addTaskLogRoutes(scope, parts));
}
