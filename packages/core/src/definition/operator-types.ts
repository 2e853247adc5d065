/**
 * Conductor's task types that are not a worker's. `null`: carried out here. A text: refused at registration, and why.
 * Every type that is not in the table is a worker type: HTTP, which every worker brings, and what users bring for
 * KAFKA_PUBLISH, JDBC, LLM_TEXT_COMPLETE and others.
 */
const OPERATOR_TYPES: ReadonlyMap<string, string | null> = new Map([
  ['DECISION', null],
  ['DO_WHILE', null],
  ['DYNAMIC', null],
  ['EVENT', null],
  ['EXCLUSIVE_JOIN', null],
  ['FORK_JOIN', null],
  ['FORK_JOIN_DYNAMIC', null],
  ['HUMAN', null],
  ['INLINE', null],
  ['JOIN', null],
  ['JSON_JQ_TRANSFORM', null],
  ['LAMBDA', null],
  ['NOOP', null],
  ['SET_VARIABLE', null],
  ['START_WORKFLOW', null],
  ['SUB_WORKFLOW', null],
  ['SWITCH', null],
  ['TERMINATE', null],
  ['WAIT', null],
  ['YIELD', null],
  ['FORK', 'it is a runtime name; write FORK_JOIN'],
  ['PULL_WORKFLOW_MESSAGES', 'runs have no message queue'],
  ['USER_DEFINED', 'it is an internal name; write SIMPLE or a name of your own'],
]);

/** True for a type that the engine itself carries out or refuses; false for worker types. */
export function isOperatorType(type: string): boolean {
  return OPERATOR_TYPES.has(type);
}

/** Operators that somebody else carries out. */
const HAS_ATTEMPTS: ReadonlySet<string> = new Set(['DYNAMIC', 'START_WORKFLOW', 'SUB_WORKFLOW']);

/** True for an operator whose failures are final, whatever its definition says (Conductor 3.30). */
export function isNeverRetried(type: string): boolean {
  return isOperatorType(type) && !HAS_ATTEMPTS.has(type);
}

const ENDED_FROM_OUTSIDE: ReadonlySet<string> = new Set(['EVENT', 'HUMAN', 'WAIT', 'YIELD']);

/** True for an operator that somebody outside may complete or fail while it is in progress. */
export function isEndedFromOutside(type: string): boolean {
  return ENDED_FROM_OUTSIDE.has(type);
}

/** True for tasks that workers carry out: only these wait for a place before they begin, or have a domain. */
export function canBeLimited(type: string): boolean {
  return !isNeverRetried(type) && type !== 'SUB_WORKFLOW' && type !== 'START_WORKFLOW';
}

/** Why tasks of this type are refused; null when they are not. */
export function refusalOfType(type: string): string | null {
  return OPERATOR_TYPES.get(type) ?? null;
}
