export {
  IDEMPOTENCY_STRATEGIES,
  parseStartWorkflowRequest,
  startWorkflowRequestSchema,
  type StartWorkflowRequest,
} from './start-workflow-request.ts';
