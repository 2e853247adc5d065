import { joineryError, type JsonObject, sinkProblem } from '@joinery/core';
import { z } from 'zod';
import { parseStartWorkflowRequest } from './start-workflow-request.ts';

const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.json());
const text = z.string().max(1_024);

/** The task of an action: by run and reference, or by task id. Templates are filled from the event. */
const taskAction = z
  .object({
    workflowId: text.exactOptional(),
    taskRefName: text.exactOptional(),
    taskId: text.exactOptional(),
    output: jsonObject.default({}),
    reasonForIncompletion: text.default('an event has failed the task'),
  })
  .refine(
    ({ workflowId, taskRefName, taskId }) =>
      taskId !== undefined || (workflowId !== undefined && taskRefName !== undefined),
    { error: 'expected workflowId and taskRefName, or taskId' },
  );

const actionSchema = z.discriminatedUnion('action', [
  z.object({ action: z.literal('start_workflow'), start_workflow: jsonObject }),
  z.object({ action: z.literal('complete_task'), complete_task: taskAction }),
  z.object({ action: z.literal('fail_task'), fail_task: taskAction }),
  z.object({
    action: z.literal('terminate_workflow'),
    terminate_workflow: z.object({ workflowId: text, terminationReason: text.default('an event') }),
  }),
]);

/** Conductor's EventHandler (3.30), as far as it is carried out. */
export const eventHandlerSchema = z.object({
  name: z.string().min(1).max(255),
  /** A sink in full: `conductor:<workflow>:<name>` or `redis:<stream>`. */
  event: z.string().max(1_024),
  /** JavaScript over the event's payload, `$`; absent or blank: every event. */
  condition: z.string().max(65_536).exactOptional(),
  evaluatorType: z.enum(['javascript', 'graaljs']).exactOptional(),
  active: z.boolean().default(false),
  actions: z.array(actionSchema).min(1).max(100),
});

/** A registered event handler. */
export type EventHandler = z.output<typeof eventHandlerSchema>;
/** One of its actions. */
export type EventAction = EventHandler['actions'][number];

const EVENT = /^(?:conductor:[^:{}]+:[^\s:{}]+|redis:[A-Za-z0-9_.-]+)$/;

/** Reads a handler that came from outside; throws JN_REQUEST_INVALID with every problem in `details.problems`. */
export function parseEventHandler(payload: unknown): EventHandler {
  const parsed = eventHandlerSchema.safeParse(withoutNulls(payload));
  const problems = parsed.success
    ? problemsOf(parsed.data)
    : parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
  const [problem] = problems;
  if (parsed.success && problem === undefined) return parsed.data;
  throw joineryError('JN_REQUEST_INVALID', {
    what: 'EventHandler',
    problem: problem ?? 'unknown problem',
    problems,
  });
}

function problemsOf({ event, actions }: EventHandler): readonly string[] {
  const isEvent = EVENT.test(event);
  const where = sinkProblem(event) ?? 'expected conductor:<workflow>:<name> or redis:<stream>';
  const starts = actions.flatMap((each) => (each.action === 'start_workflow' ? [each] : []));
  return [
    ...(isEvent ? [] : [`event: ${where}`]),
    ...starts.flatMap(({ start_workflow: request }) => problemOfStart(request)),
  ];
}

/** A request is read again when its templates are filled; what is wrong in every case is said at once. */
function problemOfStart(request: JsonObject): readonly string[] {
  try {
    parseStartWorkflowRequest({ ...request, version: undefined, priority: undefined });
    return [];
  } catch (error) {
    return [`start_workflow: ${error instanceof Error ? error.message : String(error)}`];
  }
}

function withoutNulls(payload: unknown): unknown {
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return payload;
  return Object.fromEntries(Object.entries(payload).filter(([, value]) => value !== null));
}
