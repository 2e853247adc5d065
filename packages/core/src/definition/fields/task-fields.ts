import type { SubWorkflowParams, WorkflowTask } from '../workflow-task.ts';
import {
  carriedOut,
  type FieldFact,
  forPeople,
  ours,
  refused,
  withoutEffect,
} from './field-fact.ts';

/** Every member of a task of a workflow. */
export const TASK_FIELDS: Readonly<Record<keyof WorkflowTask, FieldFact>> = {
  name: carriedOut('of the task definition; of a SIMPLE task also of its queue'),
  taskReferenceName: carriedOut('unique in the definition, also inside forks, cases and loops'),
  type: carriedOut('an operator, or the type of worker that carries it out'),
  description: forPeople('kept as it was given'),
  metadata: forPeople('kept as it was given'),
  inputParameters: carriedOut('template of the input, computed anew for each attempt'),
  optional: carriedOut('its failure becomes COMPLETED_WITH_ERRORS, and the flow goes on'),
  permissive: carriedOut('its failure lets the flow go on; the run fails at its end'),
  startDelay: carriedOut('seconds before the first attempt is handed over'),
  retryCount: carriedOut('instead of that of the task definition'),
  retryPolicy: ours(
    'instead of any of the retry settings of the task definition; of a fork or a loop: how often all inside it is tried again',
  ),
  concurrencyKey: ours('a template: attempts with equal values are limited together'),
  concurrencyLimit: ours('how many of these at a time; default 1'),
  circuitTarget: ours('a template: what it calls, where its definition has a circuit breaker'),
  asyncComplete: carriedOut(
    'EVENT: in progress until somebody completes it; workers complete later by themselves; refused for other operators',
  ),
  taskDefinition: carriedOut('instead of the registered one'),
  sink: carriedOut('EVENT: where the event is published'),
  forkTasks: carriedOut('FORK_JOIN: its branches'),
  joinOn: carriedOut('JOIN, EXCLUSIVE_JOIN: what it waits for'),
  joinMode: withoutEffect(
    'Conductor chooses how often a JOIN is polled; it is judged at each arrival',
  ),
  joinCount: ours('JOIN: how many must have completed; 0 = all must be done with'),
  defaultExclusiveJoinTask: carriedOut('EXCLUSIVE_JOIN: when nothing of `joinOn` was reached'),
  dynamicForkTasksParam: carriedOut('FORK_JOIN_DYNAMIC: the parameter that lists the branches'),
  dynamicForkTasksInputParamName: carriedOut('FORK_JOIN_DYNAMIC: the parameter with their inputs'),
  dynamicForkJoinTasksParam: carriedOut('FORK_JOIN_DYNAMIC: both in one parameter, the older way'),
  dynamicTaskNameParam: carriedOut('DYNAMIC: the parameter that names the task'),
  evaluatorType: carriedOut('SWITCH: `value-param`, `javascript` or `graaljs`'),
  expression: carriedOut('SWITCH: the parameter or the script that chooses; refused for a JOIN'),
  decisionCases: carriedOut('SWITCH, DECISION: tasks by case'),
  defaultCase: carriedOut('SWITCH, DECISION: tasks when no case fits'),
  caseValueParam: carriedOut('DECISION: the parameter that chooses'),
  caseExpression: carriedOut('DECISION: the script that chooses; goes before `caseValueParam`'),
  scriptExpression: refused('LAMBDA reads it from `inputParameters`'),
  loopCondition: carriedOut('DO_WHILE: whether it goes on'),
  loopOver: carriedOut('DO_WHILE: its body'),
  items: carriedOut('DO_WHILE: a list to go through'),
  subWorkflowParam: carriedOut('SUB_WORKFLOW: its child; see below'),
  rateLimited: refused('it has no effect in Conductor either; limit the task definition'),
  joinStatus: refused('it has no effect in Conductor either'),
  onStateChange: carriedOut('events when it comes to a state; see [EVENT](../operators/event.md)'),
  cacheConfig: refused('results are not cached'),
  compensate: ours(
    'takes back its effect when the run fails; see [Failures](../failure-handling.md)',
  ),
};

/** Every member of `subWorkflowParam`. */
export const CHILD_FIELDS: Readonly<Record<keyof SubWorkflowParams, FieldFact>> = {
  name: carriedOut('of the definition; may be an expression'),
  version: carriedOut('default: the latest when the child begins'),
  taskToDomain: carriedOut('domains of its workers; default: those of the parent'),
  workflowDefinition: carriedOut('a definition, or one expression that yields it'),
  priority: carriedOut('a number or an expression; default: that of the parent'),
  idempotencyKey: refused('a child has an id of its own, one per attempt'),
  idempotencyStrategy: withoutEffect('there is no idempotency key'),
};
