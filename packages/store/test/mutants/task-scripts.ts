import { type MutantsByScript } from './mutants-by-script.ts';

/** Claims, results and redeliveries of single tasks. */
export const taskMutants: MutantsByScript = {
  'claim-task': [
    {
      find: 'row.attempt ~= attempt or isTerminalTask(row.status)',
      replace: 'isTerminalTask(row.status)',
      why: 'an old attempt is claimed',
    },
    {
      find: 'row.attempt ~= attempt or isTerminalTask(row.status)',
      replace: 'row.attempt ~= attempt',
      why: 'an ended task is claimed again',
    },
    {
      find: 'if row.token == token then',
      replace: 'if false then',
      why: 'a resent claim is held by itself',
    },
    {
      find: 'elseif isLeased(k, key) then',
      replace: 'elseif false then',
      why: 'two workers hold one attempt',
    },
    {
      find: 'if row.dispatch ~= dispatch then',
      replace: 'if false then',
      why: 'a job that was given up for lost claims',
    },
    {
      find: 'startsAt and startsAt > now',
      replace: 'startsAt and startsAt < now',
      why: 'a delayed attempt starts early',
    },
    {
      find: 'row.deliveries >= row.maxDeliveries',
      replace: 'row.deliveries > row.maxDeliveries',
      why: 'poison is delivered once too often',
    },
    {
      find: 'row.deliveries, row.startedAt = row.deliveries + 1, now',
      replace: 'row.startedAt = now',
      why: 'poison is delivered for ever',
    },
    {
      find: 'row.fencingToken = r.version',
      replace: 'row.fencingToken = r.version - 1',
      why: 'fences do not grow',
    },
    {
      find: "editScore(k.watch, 'lease:' .. row.key, now + leaseMs)",
      replace: '',
      why: 'nobody notices that a worker died',
    },
    {
      find: "editScore(k.timers, 'timeout:' .. key, now + row.timeoutMs)",
      replace: "editScore(k.watch, 'timeout:' .. key, now + row.timeoutMs)",
      why: 'a task never times out',
    },
  ],
  'complete-task': [
    { find: 'or row.token ~= token', replace: '', why: 'the result of a lost claim counts' },
    {
      find: 'row.attempt ~= attempt or row.token',
      replace: 'row.token',
      why: 'the result of an old attempt counts',
    },
    {
      find: 'elseif isTerminalTask(row.status) then',
      replace: 'elseif false then',
      why: 'a result is stored twice',
    },
    {
      find: "(r.status) or r.closing ~= ''",
      replace: '(r.status)',
      why: 'results arrive in a run that closes',
    },
    {
      find: 'row.isTail == true and r.open - 1 > 0',
      replace: 'row.isTail == true',
      why: 'the last task of a run wakes nobody',
    },
    {
      find: 'isSuccess and row.isTail == true',
      replace: 'isSuccess',
      why: 'a success in mid-branch wakes nobody',
    },
    {
      find: 'isQuiet = isQuiet and counts[join] < expected',
      replace: 'isQuiet = isQuiet and counts[join] <= expected',
      why: 'a join that is full wakes nobody',
    },
    {
      find: 'stored[2] and count or count + 1',
      replace: 'count + 1',
      why: 'one branch counts twice',
    },
    {
      find: 'isSuccess and row.joins or {}',
      replace: 'row.joins or {}',
      why: 'failures count as arrivals',
    },
    {
      find: 'editScore(k.todo, row.key, r.version)\n    markDirty(r)',
      replace: 'editScore(k.todo, row.key, r.version)',
      why: 'the signal is dropped',
    },
    {
      find: "row.isSettled = true\n    setField(r, 'open', r.open - 1)",
      replace: 'row.isSettled = true',
      why: 'the run never ends',
    },
    {
      find: 'and not refusalOf(r, decision, nonce)',
      replace: '',
      why: 'a decision is applied that another has overtaken',
    },
    {
      find: 'and (not presumedOpen or presumedOpen == r.open)',
      replace: '',
      why: 'a run ends while something is open',
    },
    { find: "and r.status == 'RUNNING'", replace: '', why: 'a paused run goes on' },
    {
      find: 'if decision and r.nonce == nextNonce then',
      replace: 'if false then',
      why: 'a resend does not learn that its decision stands',
    },
    {
      find: 'and areAsPresumed(k, firstCommand)',
      replace: 'and (areAsPresumed(k, firstCommand) or true)',
      why: 'rows are overwritten that have changed since',
    },
    {
      find: 'if hasMore then\n  markDirty(r)',
      replace: 'if false then\n  markDirty(r)',
      why: 'half a fork is left',
    },
  ],
  'redeliver-task': [
    { find: 'row.dispatch ~= dispatch', replace: 'false', why: 'a resend sends another job' },
    {
      find: "token ~= '' and not isHolder\n",
      replace: 'false\n',
      why: 'who lost a claim hands it back',
    },
    {
      find: 'not isHolder and isLeased(k, key)',
      replace: 'false',
      why: 'a live claim is taken away',
    },
    {
      find: 'row.deliveries >= row.maxDeliveries',
      replace: 'false',
      why: 'poison is delivered for ever',
    },
    {
      find: 'pollAt or now + row.pollTimeoutMs',
      replace: 'now + row.pollTimeoutMs',
      why: 'a task that is never polled never times out',
    },
    { find: 'dispatch + 1', replace: 'dispatch', why: 'BullMQ ignores the job as known' },
    {
      find: "putLetter(k, 'dispatch:' .. key, key, cjson.encode(letter))",
      replace: '',
      why: 'no job is sent',
    },
    { find: 'if delayMs > 0 then', replace: 'if false then', why: 'it is delivered again at once' },
    {
      find: "output == '' and row.deliveries",
      replace: 'row.deliveries',
      why: 'a worker that asks for time is poison',
    },
    {
      find: 'row.maxDeliveries + 1',
      replace: 'row.maxDeliveries',
      why: 'asking for time leaves less for workers that vanish',
    },
    {
      find: "putPayload(k, 'o:' .. key, oldOutput, output)",
      replace: '',
      why: 'what the worker has so far is lost',
    },
  ],
  'beat-claims': [
    { find: 'row.token ~= token', replace: 'false', why: 'the claim of another is renewed' },
    { find: 'row.attempt ~= attempt', replace: 'false', why: 'an old attempt renews the new one' },
    { find: "r.closing == ''", replace: 'true', why: 'a worker of a run that closes is not told' },
    {
      find: "redis.call('ZREM', k.watch, 'ended:' .. key)",
      replace: '',
      why: 'a claim that lives is taken away',
    },
    {
      find: "redis.call('ZADD', k.watch, now + leaseMs, 'lease:' .. key)",
      replace: '',
      why: 'claims end though they beat',
    },
    {
      find: 'isProgress and row.responseTimeoutMs',
      replace: 'row.responseTimeoutMs',
      why: 'a silent handler never times out',
    },
  ],
};
