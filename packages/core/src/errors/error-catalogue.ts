/** What the receiver of an error does next. */
export type ErrorCategory =
  | 'InvalidInput'
  | 'NotFound'
  | 'Conflict'
  | 'StaleOwner'
  | 'StoreUnavailable'
  | 'Invariant';

/** One row of the catalogue: the message with `{placeholders}`, and what to do about it. */
export interface ErrorEntry {
  readonly template: string;
  readonly category: ErrorCategory;
  /** The HTTP status that the API answers with. */
  readonly http: number;
  readonly remedy: string;
}

const invalid = { category: 'InvalidInput', http: 400 } as const;
const notFound = { category: 'NotFound', http: 404 } as const;
const conflict = { category: 'Conflict', http: 409 } as const;
const stale = { category: 'StaleOwner', http: 409 } as const;
const unavailable = { category: 'StoreUnavailable', http: 503 } as const;
const invariant = { category: 'Invariant', http: 500 } as const;

/** Every error that Joinery raises, by code. The page `docs/reference/errors.md` is generated from it. */
export const errorCatalogue = {
  JN_DEF_INVALID: {
    ...invalid,
    template: 'Definition {name} has {count} problems; the first, at {path}: {problem}',
    remedy: 'Correct every entry of `details.problems` and register the definition again.',
  },
  JN_DEF_SHAPE: {
    ...invalid,
    template: '{path}: {problem}',
    remedy: 'Give the field the type and range that the definition language asks for.',
  },
  JN_DEF_TOO_LARGE: {
    ...invalid,
    template: '{path}: {what} is over the limit of {limit}',
    remedy: 'Split the definition into sub-workflows, or move data out of it.',
  },
  JN_DEF_DUPLICATE_REF: {
    ...invalid,
    template: '{path}: taskReferenceName {ref} is used more than once',
    remedy: 'Give each task of the definition a name of its own.',
  },
  JN_DEF_REF_NAME: {
    ...invalid,
    template: '{path}: taskReferenceName {ref} is not usable: {problem}',
    remedy: 'Use 1-255 characters without `__`, `@` and control characters.',
  },
  JN_DEF_UNKNOWN_REF: {
    ...invalid,
    template: '{path}: {expression} reads {ref}, which is neither `workflow` nor a task here',
    remedy: 'Name `workflow` or the taskReferenceName of a task of this definition.',
  },
  JN_DEF_EXPRESSION: {
    ...invalid,
    template: '{path}: {expression} is not a valid expression: {problem}',
    remedy: 'Correct the path; write `$${…}` for a literal `${…}`.',
  },
  JN_DEF_CONDITION: {
    ...invalid,
    template: '{path}: the condition of {type} task {ref} {problem}',
    remedy:
      'Compare members of `$`, `${…}` and literals with `< <= > >= == != === !==`, `&&`, `||`, `!`, arithmetic, `? :` or `if … else …`; compute anything else in a task of the body.',
  },
  JN_DEF_REQUIRED: {
    ...invalid,
    template: '{path}: {type} task {ref} needs {what}',
    remedy: 'Add what the task type requires.',
  },
  JN_DEF_JOIN_ON: {
    ...invalid,
    template: '{path}: the join {ref} lists {target}: {problem}',
    remedy:
      'List tasks inside the branches of the fork that a JOIN follows, each once; for an EXCLUSIVE_JOIN tasks that come before it.',
  },
  JN_DEF_FORK_WITHOUT_JOIN: {
    ...invalid,
    template: '{path}: {type} {ref} is not followed by a JOIN',
    remedy: 'Put a JOIN directly after the fork.',
  },
  JN_DEF_JOIN_WITHOUT_FORK: {
    ...invalid,
    template: '{path}: JOIN {ref} does not directly follow a fork',
    remedy: 'Put the JOIN directly after the fork whose branches it joins.',
  },
  JN_DEF_WAIT_TIME: {
    ...invalid,
    template: '{path}: {value} is not {expected}',
    remedy:
      'Write a duration as `2 hours 30s`, a moment as `yyyy-MM-dd`, `yyyy-MM-dd HH:mm` or with a zone (`UTC`, `+02:00`).',
  },
  JN_DEF_UNSUPPORTED: {
    ...invalid,
    template: '{path}: {feature} is not supported: {reason}',
    remedy: 'Remove it from the definition. Joinery refuses what it would not carry out.',
  },
  JN_EXPR_SYNTAX: {
    ...invalid,
    template: '{expression}: {problem}',
    remedy: 'Correct the expression.',
  },
  JN_EXPR_TOO_LARGE: {
    ...invalid,
    template: '{expression} yields more than {limit} characters of JSON, or nests too deep',
    remedy: 'Pass a reference to the data instead of the data.',
  },
  JN_EXPR_NOT_LOADED: {
    ...invariant,
    template: '{expression} reads {root}, which was not loaded for this decision',
    remedy: 'None by the user: the decision is repeated with the missing data.',
  },
  JN_SECRET_MISSING: {
    ...invalid,
    template: 'the secret {name} is not there, or workers may not have it',
    remedy:
      'Set the variable where the worker runs and name it in JOINERY_WORKFLOW_SECRETS, or store the secret through `/api/secrets`.',
  },
  JN_SECRET_READ_ONLY: {
    ...invalid,
    http: 405,
    template: 'The secret {name} is not read or changed here: {problem}',
    remedy: 'Configure an encryption key to store secrets; their texts are for workers alone.',
  },
  JN_SCRIPT_NO_EVALUATOR: {
    ...unavailable,
    template: 'the decision needs {count} scripts to be run, and this process runs none',
    remedy: 'Give the engine an evaluator; `openEngine` has one.',
  },
  JN_PAYLOAD_TOO_LARGE: {
    ...invalid,
    http: 413,
    template: '{what} has {size} bytes; the limit is {limit}',
    remedy: 'Store the data elsewhere and pass a reference, or raise the limit.',
  },
  JN_PAYLOAD_TOO_DEEP: {
    ...invalid,
    template: '{what} is nested deeper than {limit} levels',
    remedy: 'Flatten the payload.',
  },
  JN_PAYLOAD_NOT_JSON: {
    ...invalid,
    template: '{what} is not JSON: {problem}',
    remedy: 'Send plain JSON: no functions, no undefined, no cycles.',
  },
  JN_REQUEST_INVALID: {
    ...invalid,
    template: '{what}: {problem}',
    remedy: 'Correct the request.',
  },
  JN_NOT_IMPLEMENTED: {
    ...invalid,
    http: 501,
    template: '{what} is not carried out yet: {reason}',
    remedy: 'Do without it: nothing was changed.',
  },
  JN_AUTH_MISSING: {
    ...invalid,
    http: 401,
    template: 'No valid credentials: {problem}',
    remedy:
      'Get a token from POST /api/token and send it as X-Authorization, or as a bearer token.',
  },
  JN_AUTH_DENIED: {
    ...invalid,
    http: 403,
    template: '{who} may not do this: {problem}',
    remedy: 'Use a key with the role that is named.',
  },
  JN_RATE_LIMITED: {
    ...invalid,
    http: 429,
    template: '{who} has sent more than {limit} requests within {windowMs} ms',
    remedy: 'Wait for as long as Retry-After says, then go on more slowly.',
  },
  JN_SERVER_OVERLOADED: {
    ...unavailable,
    template: 'The server has {count} {what} in hand, as many as it takes',
    remedy: 'Try again after Retry-After, or start more servers.',
  },
  JN_DEF_NOT_FOUND: {
    ...notFound,
    template: 'No definition {name} version {version} is registered',
    remedy: 'Register the definition first.',
  },
  JN_EVENT_HANDLER_NOT_FOUND: {
    ...notFound,
    template: 'No event handler {name} is registered',
    remedy: 'Check the name; `GET /api/event` lists what is registered.',
  },
  JN_ITEM_NOT_FOUND: {
    ...notFound,
    template: 'There is no {what} {name}',
    remedy: 'Check the name, and the version if it has one.',
  },
  JN_DOCUMENT_BUSY: {
    ...conflict,
    template: '{id} was changed by others {count} times in a row while this change was made',
    remedy: 'Send the change again.',
  },
  JN_SCHEMA_MISMATCH: {
    ...invalid,
    template: 'The {what} does not fit its schema: {problem}',
    remedy: 'Correct the data at the place that is named, or the schema of the definition.',
  },
  JN_EVENT_SINK: {
    ...invalid,
    template: 'Events are not published to {sink}',
    remedy:
      'Write `conductor`, `conductor:<name>`, `redis:<stream>` or `bullmq:<queue>`; publish to other systems from a worker task.',
  },
  JN_TASK_DEF_NOT_FOUND: {
    ...notFound,
    template: 'No task definition {name} is registered',
    remedy: 'Register the task definition first.',
  },
  JN_DEF_EXISTS: {
    ...conflict,
    template: 'Definition {name} version {version} is already registered',
    remedy: 'Raise the version, or update explicitly.',
  },
  JN_RUN_NOT_FOUND: {
    ...notFound,
    template: 'Run {runId} does not exist',
    remedy: 'Check the id; the run may have been purged after its retention time.',
  },
  JN_RUN_ENDED: {
    ...conflict,
    template: 'Run {runId} has ended with {status}: {operation} is not possible',
    remedy: 'Restart, rerun or retry the run instead.',
  },
  JN_RUN_NOT_ENDED: {
    ...conflict,
    template: 'Run {runId} is {status}: {operation} needs a run that has ended',
    remedy: 'Wait for its end, or terminate it first.',
  },
  JN_RUN_NEEDED: {
    ...conflict,
    template:
      'Run {runId} is still needed: the run that waits for it goes on, or its letters have not arrived',
    remedy: 'Remove the run above it first, or come again later.',
  },
  JN_RUN_NOT_PAUSED: {
    ...conflict,
    template: 'Run {runId} is {status}: only a paused run can be resumed',
    remedy: 'Nothing has to be done: the run is not paused.',
  },
  JN_RUN_NOT_RESTARTABLE: {
    ...notFound,
    template: 'Run {runId} is of a definition that is not restartable',
    remedy: 'Start another run, or rerun a task of this one.',
  },
  JN_RUN_COMPENSATED: {
    ...conflict,
    template: 'What the tasks of run {runId} had done was taken back: {operation} is not possible',
    remedy: 'Restart the run: what has succeeded before is not there any more.',
  },
  JN_RUN_NOTHING_TO_RETRY: {
    ...conflict,
    template: 'No task of run {runId} has failed: there is nothing to retry',
    remedy: 'Restart the run, or rerun one of its tasks.',
  },
  JN_RUN_EXISTS: {
    ...conflict,
    template: 'A run of {name} with idempotency key {key} exists already: {runId}',
    remedy: 'Use the existing run, another key, or the strategy RETURN_EXISTING.',
  },
  JN_RUN_TOO_DEEP: {
    ...invalid,
    template: 'Task {task} of run {runId} would start a run below {limit} others',
    remedy: 'Look for a definition that names itself as its child.',
  },
  JN_TASK_NOT_OPEN: {
    ...conflict,
    template: 'Task {task} of run {runId} does not wait for anybody outside',
    remedy: 'Only a WAIT, HUMAN or YIELD that is in progress takes an output before its end.',
  },
  JN_TASK_NOT_SKIPPABLE: {
    ...conflict,
    template: 'Task {task} of run {runId} cannot be skipped: {problem}',
    remedy: 'Skip a task that the flow has not reached yet.',
  },
  JN_TASK_NOT_FOUND: {
    ...notFound,
    template: 'Run {runId} has no task {task}',
    remedy: 'Check the task id or reference name.',
  },
  JN_TASK_TYPE_UNKNOWN: {
    ...notFound,
    template: 'No handler is registered for task type {type}',
    remedy: 'Register a handler, or start a worker that serves the type.',
  },
  JN_CLAIM_STALE: {
    ...stale,
    template: 'The claim on task {task} of run {runId} is no longer held by {worker}',
    remedy: 'Stop the handler: the attempt has been given to somebody else or has ended.',
  },
  JN_LOCK_LOST: {
    ...stale,
    template: 'The lock {key} was lost by {owner}',
    remedy: 'None by the user: the work is done again by the next holder.',
  },
  JN_LOCK_FORCE: {
    ...invalid,
    template: 'Lock driver {driver} does not protect several processes and needs {flag}',
    remedy: 'Choose `redlock` or `redis`, or set the flag knowingly.',
  },
  JN_SCHEDULE_INVALID: {
    ...invalid,
    template: 'Schedule {name}: {problem}',
    remedy: 'Correct the schedule and send it again; nothing was changed.',
  },
  JN_SCHEDULE_NOT_FOUND: {
    ...notFound,
    template: 'No schedule {name} is there',
    remedy: 'Check the name; `joinery schedule list` shows what there is.',
  },
  JN_SCHEDULE_BUSY: {
    ...conflict,
    template: '{name} was changed by others {count} times in a row while this change was made',
    remedy: 'Send the change again.',
  },
  JN_BACKFILL_INVALID: {
    ...invalid,
    template: 'Backfill {name}: {problem}',
    remedy: 'Correct the range, or split it into several backfills.',
  },
  JN_BACKFILL_EXISTS: {
    ...conflict,
    template: 'Backfill {name} exists with other sessions of schedule {schedule}',
    remedy: 'Choose another name; the same name with the same sessions answers the backfill.',
  },
  JN_BACKFILL_NOT_FOUND: {
    ...notFound,
    template: 'No backfill {name} is there',
    remedy: 'Check the name; a backfill is forgotten 30 days after its end.',
  },
  JN_CIRCUIT_NOT_FOUND: {
    ...notFound,
    template: 'No circuit breaker of target {target} is there',
    remedy: 'Check the name; a breaker comes with its first call and goes a day after its last.',
  },
  JN_LETTER_NOT_FOUND: {
    ...notFound,
    template: 'No dead letter {letter} is there',
    remedy: 'Check the id; a closed letter goes with its run.',
  },
  JN_LETTER_CLOSED: {
    ...conflict,
    template: 'Dead letter {letter} is {status}',
    remedy: 'Nothing has to be done: a letter is replayed or discarded once.',
  },
  JN_CONFIG_INVALID: {
    ...invalid,
    template: 'Configuration has {count} problems; the first: {problem}',
    remedy: 'Correct the environment variables named in `details.problems`.',
  },
  JN_REDIS_UNAVAILABLE: {
    ...unavailable,
    template: 'Redis at {address} did not answer {operation} within {waitedMs} ms',
    remedy: 'Check that Redis runs and is reachable; the caller may retry.',
  },
  JN_REDIS_TOO_OLD: {
    ...unavailable,
    template: 'Redis at {address} is version {found}; at least {expected} is needed',
    remedy: 'Upgrade Redis.',
  },
  JN_REDIS_EVICTION_POLICY: {
    ...unavailable,
    template: 'Redis at {address} has maxmemory-policy {found}; noeviction is needed',
    remedy: 'Set `maxmemory-policy noeviction`: an evicted key is a lost run.',
  },
  JN_STORE_CORRUPT: {
    ...invariant,
    template: 'Key {key} holds what Joinery did not write: {problem}',
    remedy: 'Look at the run by hand; its neighbours go on.',
  },
  JN_INVARIANT_BROKEN: {
    ...invariant,
    template: '{what} does not hold: {problem}',
    remedy: 'Report it: this is a defect in Joinery.',
  },
} as const satisfies Record<`JN_${string}`, ErrorEntry>;

/** A code of the catalogue. */
export type ErrorCode = keyof typeof errorCatalogue;
