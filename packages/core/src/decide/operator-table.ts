import type { Operator } from './operator.ts';
import { decision } from './operators/decision.ts';
import { doWhile } from './operators/do-while.ts';
import { dynamicFork } from './operators/dynamic-fork.ts';
import { dynamicTask } from './operators/dynamic-task.ts';
import { event } from './operators/event.ts';
import { fork } from './operators/fork.ts';
import { human } from './operators/human.ts';
import { join } from './operators/join.ts';
import { noop } from './operators/noop.ts';
import { inline, jqTransform, lambda } from './operators/script-task.ts';
import { setVariable } from './operators/set-variable.ts';
import { startWorkflow } from './operators/start-workflow.ts';
import { subWorkflow } from './operators/sub-workflow.ts';
import { switchOperator } from './operators/switch.ts';
import { terminate } from './operators/terminate.ts';
import { wait } from './operators/wait.ts';
import { workerTask } from './operators/worker-task.ts';

/** The operators of the language. A new one is a file and a line here. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  DECISION: decision,
  DO_WHILE: doWhile,
  DYNAMIC: dynamicTask,
  EVENT: event,
  EXCLUSIVE_JOIN: join,
  FORK_JOIN: fork,
  FORK_JOIN_DYNAMIC: dynamicFork,
  HUMAN: human,
  INLINE: inline,
  JOIN: join,
  JSON_JQ_TRANSFORM: jqTransform,
  LAMBDA: lambda,
  NOOP: noop,
  SET_VARIABLE: setVariable,
  START_WORKFLOW: startWorkflow,
  SUB_WORKFLOW: subWorkflow,
  SWITCH: switchOperator,
  TERMINATE: terminate,
  WAIT: wait,
  YIELD: human,
};

/** Operator of a task type; every type that is not an operator is a worker's. */
export function operatorOf(type: string): Operator {
  return Object.hasOwn(OPERATORS, type) ? (OPERATORS[type] ?? workerTask) : workerTask;
}

/** True for types whose attempts are handed to workers. */
export function isWorkerType(type: string): boolean {
  return operatorOf(type) === workerTask;
}
