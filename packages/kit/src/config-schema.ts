/**
 * All that a process can be told from outside, with unit, default and range: the reference page is made from this file.
 * A name here is the variable's name: `lock.timeToTryMs` is `JOINERY_LOCK_TIME_TO_TRY`; the unit is in the value.
 */
import { z } from 'zod';
import {
  choiceSetting,
  countSetting,
  durationSetting,
  flagSetting,
  keysSetting,
  redisUrlSetting,
  redisUrlsSetting,
  secretSetting,
  sizeSetting,
  textSetting,
} from './setting.ts';

const keyPrefix = /^[A-Za-z0-9_-]{1,32}$/;

const redis = z.object({
  url: redisUrlSetting({
    variable: 'REDIS_URL',
    description:
      'The Redis that holds runs and queues (6.2 or later, `noeviction`). Unset: the `joinery` command starts a private one.',
  }),
  prefix: textSetting('jn', keyPrefix, {
    description: 'First part of every key of the store; several installations may share a Redis.',
  }),
});

const store = z.object({
  partitions: countSetting(16, [1, 1_024], {
    unit: 'partitions',
    description:
      'Slots over which runs are spread. Fixed when the store is created; 256 for Redis Cluster.',
  }),
  inlineMaxBytes: sizeSetting(
    '32KB',
    ['1KB', '1MB'],
    'Inputs and outputs up to this size are kept in the task itself, larger ones in a blob of their own.',
  ),
});

const http = z.object({
  host: textSetting('127.0.0.1', /^[A-Za-z0-9.:_-]{1,255}$/, {
    description:
      'Address on which the server listens. `0.0.0.0` opens it to the network: it needs JOINERY_AUTH_KEYS.',
  }),
  port: countSetting(8_080, [0, 65_535], {
    variable: 'PORT',
    unit: 'a TCP port',
    description: 'Port of the HTTP API and the pages; 0 takes a free one.',
  }),
});

const auth = z.object({
  keys: keysSetting(
    'Who may use the server. With keys every request needs one, or a token got with one. `viewer` looks, `operator` starts, operates and works, `admin` changes definitions too. None: the server listens on loopback alone.',
  ),
  secret: secretSetting({
    description:
      'Signs the tokens that `POST /api/token` gives out; the same for all servers. Unset: each server has its own, and tokens end with it.',
  }),
  requestsPerSecond: countSetting(0, [0, 1_000_000], {
    unit: 'requests',
    description:
      'How many requests of one key a server takes in a second, or of one address where there are no keys; 0 = any number.',
  }),
});

const log = z.object({
  level: choiceSetting('info', ['debug', 'info', 'warn', 'error', 'silent'], {
    variable: 'LOG_LEVEL',
    description: 'Least important lines that are written.',
  }),
});

const lock = z.object({
  driver: choiceSetting('redlock', ['redlock', 'redis', 'local', 'noop'], {
    description:
      'How deciders keep out of each other’s way. `local` and `noop` are for one process; the lock saves work, it is not what makes runs correct.',
  }),
  timeToTryMs: durationSetting(
    '500ms',
    ['0ms', '1m'],
    'How long a decider waits for the lock of a run.',
  ),
  leaseMs: durationSetting(
    '60s',
    ['100ms', '10m'],
    'How long a lock holds without being extended.',
  ),
  retryDelayMs: durationSetting('50ms', ['1ms', '10s'], 'Wait between two tries for a lock.'),
  nodes: redisUrlsSetting(
    'Lock nodes for `redlock`, apart from each other and best an odd number. None: the store’s own Redis.',
  ),
  force: flagSetting(
    false,
    'Lets several processes use `noop` or `local`, which then exclude nobody.',
  ),
});

const worker = z.object({
  concurrency: countSetting(50, [1, 10_000], {
    unit: 'tasks',
    description: 'Tasks of one type that a worker process runs at once.',
  }),
  domain: textSetting('', /^[A-Za-z0-9_.-]{0,100}$/, {
    description:
      'Domain of this worker: it takes only tasks of runs whose `taskToDomain` names it. Empty: tasks without a domain.',
  }),
  claimLeaseMs: durationSetting(
    '3s',
    ['100ms', '10m'],
    'How long a claim holds without a beat. Shorter finds dead workers sooner and mistakes busy ones for dead.',
  ),
  beatEveryMs: durationSetting(
    '1s',
    ['10ms', '5m'],
    'How often a worker says that it is alive; at most half the lease.',
  ),
  maxRedeliveries: countSetting(20, [0, 1_000], {
    unit: 'deliveries',
    description:
      'How often one attempt is handed out again after its worker vanished; then the task fails as WORKER_LOST. Goes by the process that decides.',
  }),
});

const coordinator = z.object({
  concurrency: countSetting(16, [1, 1_000], {
    unit: 'runs',
    description: 'Runs that a coordinator decides at once.',
  }),
  overtakeAfterMs: durationSetting(
    '1s',
    ['10ms', '1m'],
    'A run that has waited this long for a decision is decided without the lock.',
  ),
});

const sweeper = z.object({
  intervalMs: durationSetting('500ms', ['10ms', '10s'], 'Pause between two sweeps.'),
  maxSweepAgeMs: durationSetting(
    '30s',
    ['100ms', '10m'],
    'Every live run is looked at this often at least: the worst delay after something was lost without a trace.',
  ),
  fullDecideIntervalMs: durationSetting(
    '60s',
    ['1s', '1h'],
    'Every live run is decided in full this often, whatever its bookkeeping says, until it is found calm.',
  ),
  calmDecideIntervalMs: durationSetting(
    '6h',
    ['1s', '7d'],
    'A calm run is decided in full this often: nothing was left to do, and neither its version nor its counts have changed since.',
  ),
  batch: countSetting(200, [1, 1_000], {
    unit: 'runs',
    description:
      'Runs that one sweep takes from a partition at once; more keeps Redis busy longer.',
  }),
});

const scheduler = z.object({
  relayAfterMs: durationSetting(
    '200ms',
    ['10ms', '1m'],
    'Letters older than this are sent by the scheduler: their writer has probably died.',
  ),
});

const queue = z.object({
  prefix: textSetting('bull', keyPrefix, { description: 'Prefix of BullMQ’s keys.' }),
  lockDurationMs: durationSetting(
    '3s',
    ['1s', '10m'],
    'How long BullMQ believes in a worker that is silent.',
  ),
  stalledIntervalMs: durationSetting(
    '1s',
    ['100ms', '10m'],
    'How often BullMQ looks for jobs of dead workers.',
  ),
});

const shutdown = z.object({
  drainTimeoutMs: durationSetting(
    '60s',
    ['0ms', '1h'],
    'How long a process that was asked to stop lets running tasks finish; the rest is handed out again.',
  ),
  onLastEngineExit: choiceSetting('quiesce', ['quiesce', 'leave-running'], {
    description: 'Whether the last engine that leaves says that the fleet is suspended.',
  }),
  selfFenceMs: durationSetting(
    '30s',
    ['15s', '1h'],
    'A process that Redis has not heard for so long ends with code 1: its work has been given to others.',
  ),
});

const retention = z.object({
  completedMs: durationSetting('24h', ['0ms', '365d'], 'How long COMPLETED runs are kept.'),
  otherMs: durationSetting(
    '7d',
    ['0ms', '365d'],
    'How long FAILED, TIMED_OUT and TERMINATED runs are kept.',
  ),
});

const limits = z.object({
  tasksPerRun: countSetting(500_000, [100, 10_000_000], {
    unit: 'attempts',
    description:
      'Attempts of tasks that a run may have, over all iterations and branches. Goes by the process that decides.',
  }),
  historyLength: countSetting(2_000_000, [1_000, 100_000_000], {
    unit: 'events',
    description: 'Events that the history of a run may have. Goes by the process that decides.',
  }),
  whenReached: choiceSetting('fail', ['fail', 'pause'], {
    description:
      'What becomes of a run that is larger: it ends FAILED, or it waits until it is resumed under another limit, or terminated.',
  }),
});

const variableNames = /^(?:[A-Za-z_][A-Za-z0-9_]*(?:\s*,\s*[A-Za-z_][A-Za-z0-9_]*)*)?$/;

const workflow = z.object({
  env: textSetting('', variableNames, {
    description:
      'Environment variables that workflows may read as `${workflow.env.NAME}`, separated by commas. They are stored with the tasks that read them.',
  }),
  secrets: textSetting('', variableNames, {
    description:
      'Environment variables that workers are handed for `${workflow.secrets.NAME}`, separated by commas; set it where workers run. Never stored.',
  }),
  secretKey: secretSetting({
    description:
      'Encrypts the secrets that are stored through `/api/secrets`; the same where servers and workers run. Unset: none can be stored. Who changes it has to store them anew.',
  }),
});

const outbound = z.object({
  allow: textSetting('', /^[A-Za-z0-9._:/,\s-]{0,4096}$/, {
    description:
      'What HTTP tasks may call besides public addresses: host names, addresses and CIDR ranges, separated by commas. Whoever may register definitions reaches it.',
  }),
  maxRequestBytes: sizeSetting('1MB', ['1KB', '10MB'], 'Largest body that an HTTP task sends.'),
  maxResponseBytes: sizeSetting('1MB', ['1KB', '10MB'], 'Largest body that an HTTP task reads.'),
  timeoutMs: durationSetting(
    '60s',
    ['1s', '1h'],
    'How long one call of an HTTP task may take with its redirects, whatever its own time-outs are.',
  ),
  concurrency: countSetting(10, [1, 1_000], {
    unit: 'calls',
    description: 'HTTP tasks that a worker process runs at once.',
  }),
});

/** The sections of the configuration and their settings. */
export const configSections = {
  redis,
  store,
  http,
  auth,
  log,
  lock,
  worker,
  coordinator,
  sweeper,
  scheduler,
  queue,
  shutdown,
  retention,
  limits,
  workflow,
  outbound,
} as const;

/** The whole configuration, with what must hold between settings. */
export const configSchema = z.object(configSections).check((context) => {
  const { value: config } = context;
  const problem = (path: readonly [string, string], message: string): void => {
    context.issues.push({ code: 'custom', path: [...path], message, input: undefined });
  };
  if (config.worker.beatEveryMs * 2 > config.worker.claimLeaseMs) {
    problem(['worker', 'beatEveryMs'], 'expected at most half of JOINERY_WORKER_CLAIM_LEASE');
  }
  if (config.sweeper.intervalMs > config.sweeper.maxSweepAgeMs) {
    problem(['sweeper', 'intervalMs'], 'expected at most JOINERY_SWEEPER_MAX_SWEEP_AGE');
  }
  if (config.lock.nodes.length > 0 && config.lock.driver !== 'redlock') {
    problem(['lock', 'nodes'], 'expected none: only JOINERY_LOCK_DRIVER=redlock uses lock nodes');
  }
});

/** The configuration of a process. Durations are ms, sizes bytes. */
export type Config = z.output<typeof configSchema>;
