export {
  conductorWorkflowOf,
  type ConductorTask,
  type ConductorWorkflow,
  type RunView,
} from './conductor-workflow.ts';
export { startRequestOf, type StartFields } from './start-request.ts';
export {
  IDEMPOTENCY_STRATEGIES,
  parseStartWorkflowRequest,
  startWorkflowRequestSchema,
  type StartWorkflowRequest,
} from './start-workflow-request.ts';
