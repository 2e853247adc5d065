/** A part of a definition that has members. */
export type Level = 'workflow' | 'task' | 'taskDef';

/** A member that is refused when it is used, because it would not be carried out. */
export interface UnsupportedMember {
  readonly member: string;
  readonly reason: string;
}

type Owner = object;

interface Rule extends UnsupportedMember {
  /** Whether the member asks for something. Default: it is neither absent, false, 0, blank nor empty. */
  readonly isUsed?: (owner: Owner) => boolean;
}

const SCHEMA_REASON = 'a schema is JSON and has its data here; set enforceSchema to false';
/** Only what is enforced must be there. */
const lacksSchema =
  (member: string) =>
  (owner: Owner): boolean => {
    const schema = memberOf(owner, member);
    if (!isSet(schema) || memberOf(owner, 'enforceSchema') !== true) return false;
    if (typeof schema !== 'object' || schema === null) return true;
    return memberOf(schema, 'type') !== 'JSON' || !isSet(memberOf(schema, 'data'));
  };

/**
 * What Conductor's language has and Joinery does not carry out yet. To support a member, implement it and delete its
 * row; `fields/` says of every member what it does, and is held against this table.
 */
const RULES: Readonly<Record<Level, readonly Rule[]>> = {
  workflow: [
    { member: 'workflowStatusListenerSink', reason: 'there are no status listeners' },
    { member: 'inputSchema', reason: SCHEMA_REASON, isUsed: lacksSchema('inputSchema') },
    { member: 'outputSchema', reason: SCHEMA_REASON, isUsed: lacksSchema('outputSchema') },
    { member: 'rateLimitConfig', reason: 'runs are not limited in number yet' },
    { member: 'cacheConfig', reason: 'results are not cached' },
    { member: 'maskedFields', reason: 'payloads are not masked' },
  ],
  task: [
    { member: 'asyncComplete', reason: 'operators complete at once; use WAIT' },
    {
      member: 'rateLimited',
      reason: 'it has no effect in Conductor either; limit the task definition',
    },
    { member: 'joinStatus', reason: 'it has no effect in Conductor either' },
    { member: 'cacheConfig', reason: 'results are not cached' },
    {
      member: 'subWorkflowParam',
      reason: 'a child has an id of its own, one per attempt, and takes no idempotencyKey',
      isUsed: (owner) => hasIdempotencyKey(memberOf(owner, 'subWorkflowParam')),
    },
    { member: 'scriptExpression', reason: 'LAMBDA reads it from inputParameters' },
  ],
  taskDef: [
    { member: 'isolationGroupId', reason: 'there is one queue per task type' },
    { member: 'executionNameSpace', reason: 'there is one queue per task type' },
    { member: 'runtimeMetadata', reason: 'secrets are not handed to workers' },
    { member: 'inputSchema', reason: SCHEMA_REASON, isUsed: lacksSchema('inputSchema') },
    { member: 'outputSchema', reason: SCHEMA_REASON, isUsed: lacksSchema('outputSchema') },
  ],
};

/** The members of a part of a definition that ask for what is not carried out. */
export function unsupportedMembers(level: Level, part: object): readonly UnsupportedMember[] {
  return RULES[level].filter(({ member, isUsed }) =>
    isUsed === undefined ? isSet(memberOf(part, member)) : isUsed(part),
  );
}

/** The members that are refused whenever they ask for anything. */
export function refusedMembers(level: Level): readonly string[] {
  return RULES[level].filter(({ isUsed }) => isUsed === undefined).map(({ member }) => member);
}

/** Why a template may not read this member of `workflow`; null when it may. */
export function unsupportedRead(path: readonly string[], isForWorkers: boolean): string | null {
  if (path[0] !== 'secrets') return null;
  if (!isForWorkers) return 'secrets are only handed to workers, in the input of their tasks';
  return path.length > 1 ? null : 'secrets are handed out one by one; write workflow.secrets.NAME';
}

function hasIdempotencyKey(params: unknown): boolean {
  return typeof params === 'object' && params !== null && isSet(memberOf(params, 'idempotencyKey'));
}

function memberOf(owner: Owner, member: string): unknown {
  return Object.hasOwn(owner, member) ? Reflect.get(owner, member) : undefined;
}

function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === 0) return false;
  if (typeof value === 'string') return value.trim() !== '';
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

/** The text of an evaluator that is not run; null when it is. */
export function unsupportedEvaluator(evaluatorType: string): string | null {
  const isRun = ['value-param', 'javascript', 'graaljs'].includes(evaluatorType);
  return isRun ? null : 'scripts are run as javascript; other evaluators are not there';
}
