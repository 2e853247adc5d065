import { type MutantsByScript } from './mutants-by-script.ts';

/** Starts, decisions, looks and ends of runs. */
export const runMutants: MutantsByScript = {
  'settle-moved': [
    {
      find: "redis.call('ZSCORE', movedKey, id) == mark",
      replace: 'true',
      why: 'what has moved meanwhile is never shown',
    },
    { find: '== mark', replace: '~= mark', why: 'what is shown is shown again, the rest never' },
    { find: "redis.call('ZREM', movedKey, id)", replace: '1', why: 'no mark ever goes' },
    { find: 'for i = 1, #ARGV, 2 do', replace: 'for i = 1, 1 do', why: 'only the first goes' },
    {
      find: "return { 'settled', count }",
      replace: "return { 'settled', #ARGV }",
      why: 'what stays counts',
    },
    { find: "'ZREM', movedKey, id", replace: "'DEL', movedKey", why: 'all marks go' },
  ],
  'start-run': [
    {
      find: "if redis.call('HLEN', k.run) > 0 then",
      replace: 'if false then',
      why: 'a resent start begins anew',
    },
    {
      find: 'elseif named and not purged and named ~= runId then',
      replace: 'elseif false then',
      why: 'one idempotency key, two runs',
    },
    { find: "redis.call('SET', idemKey, runId)", replace: '', why: 'keys are not remembered' },
    {
      find: 'hasMore and 1 or 0, hasMore and now or 0',
      replace: '0, 0',
      why: 'the rest of the first decision is forgotten',
    },
    { find: "redis.call('ZADD', k.runs, now, runId)", replace: '', why: 'no list shows the run' },
    {
      find: "redis.call('ZADD', k.moved, r.version, k.id)",
      replace: '',
      why: 'no search finds it',
    },
    {
      find: "r.nonce, r.decision, r.open, r.cancelCursor = nonce, 1, openDelta, '0'",
      replace: "r.nonce, r.decision, r.open, r.cancelCursor = nonce, 1, 0, '0'",
      why: 'open tasks are not counted',
    },
  ],
  'load-slice': [
    {
      find: 'isForced and (isEnded or not isWanted)',
      replace: 'isForced and isEnded',
      why: 'every look is a decision',
    },
    { find: 'isDirty or #due > 0', replace: 'isDirty', why: 'timers are never noticed' },
    { find: 'not holder or holder == lockToken', replace: 'true', why: 'everybody has the lock' },
    {
      find: 'not holder or holder == lockToken',
      replace: 'not holder',
      why: 'a resent load blocks itself',
    },
    {
      find: 'now - since <= overtakeAfterMs',
      replace: 'true',
      why: 'a dead holder stops the run for its lease',
    },
    {
      find: "lockToken ~= '' or overtakeAfterMs > 0",
      replace: "lockToken ~= ''",
      why: 'a run is decided beside the holder of a lock that stands apart',
    },
    {
      find: "'fenceIssued', r.fenceIssued + 1",
      replace: "'fenceIssued', r.fenceIssued",
      why: 'two deciders have one fence',
    },
    {
      find: "'loads', r.loads + 1",
      replace: "'loads', r.loads",
      why: 'evaluations that kill are not counted',
    },
    {
      find: 'isAlone or r.loads < SUSPECT_LOADS',
      replace: 'true',
      why: 'whoever is decided beside a deadly evaluation is counted like it',
    },
    {
      find: 'isAlone or r.loads < SUSPECT_LOADS',
      replace: 'r.loads < SUSPECT_LOADS',
      why: 'a deadly evaluation is never given up',
    },
  ],
  'commit-decision': [
    {
      find: "isCalm and fingerprintOf(k, r) or ''",
      replace: 'fingerprintOf(k, r)',
      why: 'a run that waits for another is held to be calm',
    },
    {
      find: 'local left = reads.joins[join] - 1',
      replace: 'local left = reads.joins[join]',
      why: 'what was taken back still counts, and a join fires too early',
    },
    {
      find: 'reads.joins[arrival], reads.joins[join] = false, left > 0 and left',
      replace: 'reads.joins[join] = left > 0 and left',
      why: 'a task that was taken back leaves twice',
    },
    {
      find: 'editField(k.joins, arrival, false)',
      replace: '',
      why: 'a task that was taken back never arrives again',
    },
    {
      find: 'editField(k.joins, join, reads.joins[join])\n  end\nend\n\nfunction writes.M',
      replace: 'end\nend\n\nfunction writes.M',
      why: 'the count of a join keeps who has left',
    },
    {
      find: 'function writes.a(k, _, join, key)',
      replace: 'function writes.a(k, _, join, key)\n  key = join',
      why: 'nobody ever leaves a join',
    },
    {
      find: 'elseif isOffDuty then\n    editScore(k.todo, key, false)',
      replace: 'elseif false then\n    editScore(k.todo, key, false)',
      why: 'what was acted upon is acted upon again',
    },
    {
      find: '(reads.joins[join] or 0) + 1',
      replace: '(reads.joins[join] or 0) + 2',
      why: 'a join fires too early',
    },
    {
      find: "redis.call('EXISTS', KEYS[i]) == 0",
      replace: 'false',
      why: 'a payload names a blob that is gone',
    },
    {
      find: 'r.nonce == nextNonce or isKnownOp',
      replace: 'isKnownOp',
      why: 'a resent commit is refused',
    },
    {
      find: 'r.nonce == nextNonce or isKnownOp',
      replace: 'r.nonce == nextNonce',
      why: 'an operation is carried out twice',
    },
    {
      find: 'r.decision ~= decision or r.nonce ~= nonce',
      replace: 'false',
      why: 'a stale decision is applied',
    },
    { find: 'fence <= r.fence', replace: 'fence < r.fence', why: 'two commits under one fence' },
    {
      find: 'not checkCommands(k, firstCommand, firstBlob)',
      replace: 'false',
      why: 'rows that have changed are overwritten',
    },
    {
      find: 'math.max(r.seen, math.min(seen, r.dirty))',
      replace: 'r.dirty',
      why: 'what came since the load is forgotten',
    },
    {
      find: 'if hasMore and r.dirty <= r.seen then',
      replace: 'if false then',
      why: 'the rest of a decision waits for ever',
    },
    {
      find: 'elseif not hasMore then',
      replace: 'else',
      why: 'a decision that is not done clears the signal',
    },
    { find: "setField(r, 'fence', fence)", replace: '', why: 'old deciders come through' },
    {
      find: 'elseif holdsLock then',
      replace: 'elseif false then',
      why: 'the lock is kept for nothing',
    },
    { find: "setField(r, 'full', '')", replace: '', why: 'the full evaluation never ends' },
    { find: "setField(r, 'loads', 0)", replace: '', why: 'a healthy run is isolated' },
    {
      find: 'return presumed == rev or presumed ==',
      replace: 'return true or presumed ==',
      why: 'a result is overwritten by a decision',
    },
    {
      find: "presumed == rev .. ' ' .. token",
      replace: "presumed:match('^%d+') == rev",
      why: 'what was read before a loss of writes counts after it',
    },
  ],
  'look-runs': [
    {
      find: "moves['ended:' .. key] = false, isEnded and now + CLAIM_AGAIN or false",
      replace: "moves['ended:' .. key] = false, false",
      why: 'an ended claim is told of once',
    },
    {
      find: "local isEnded = row and row.status == 'IN_PROGRESS'",
      replace: 'local isEnded = false',
      why: 'the dead are never found',
    },
    {
      find: 'math.min(math.max(now - at, CHECK_MIN), CHECK_MAX)',
      replace: 'CHECK_MAX',
      why: 'a lost job is found late',
    },
    {
      find: 'isRunning and r.dirty > r.seen, isRunning and timerAt <= now',
      replace: 'isRunning and r.dirty > r.seen, false',
      why: 'due timers are not told',
    },
    { find: "setField(r, 'full', '1')", replace: '', why: 'no full evaluation is asked for' },
    {
      find: 'not isCalm or r.calm ~= fingerprintOf(k, r)',
      replace: 'not isCalm',
      why: 'a calm run to which something happens is not decided in full for hours',
    },
    {
      find: "r.calm ~= '' and now - r.lastDecidedAt < calmDecideInterval",
      replace: "r.calm ~= ''",
      why: 'a calm run is never decided in full again',
    },
    {
      find: "r.calm ~= '' and now - r.lastDecidedAt < calmDecideInterval",
      replace: 'false',
      why: 'runs that only wait are decided each minute',
    },
    { find: 'isRunning and r.dirty > r.seen', replace: 'false', why: 'lost nudges stay lost' },
    { find: 'deriveAttention(k, r) <= now', replace: 'false', why: 'what is due is not looked at' },
  ],
  'take-due': [
    {
      find: "redis.call('ZADD', attentionKey, now + LOOK_AGAIN, id)",
      replace: "redis.call('ZREM', attentionKey, id)",
      why: 'a sweeper that dies takes its runs with it',
    },
    { find: 'now + LOOK_AGAIN', replace: 'now + 2 * LOOK_AGAIN', why: 'the next look is late' },
    {
      find: "'-inf', now, 'LIMIT', 0, limit",
      replace: "'-inf', now - 1, 'LIMIT', 0, limit",
      why: 'what is due now waits',
    },
    { find: 'gapMs > outageMs and gapMs or 0', replace: '0', why: 'an outage goes unnoticed' },
    { find: "redis.call('SET', clockKey, now)", replace: '', why: 'the clock is never known' },
    { find: 'forgotten[#forgotten + 1] = id', replace: '', why: 'a forgotten run stands for ever' },
    {
      find: "and not redis.call('ZSCORE', expiryKey, id)",
      replace: '',
      why: 'ended runs are looked at again and again',
    },
    {
      find: "'LIMIT', 0, limit)",
      replace: "'LIMIT', 0, limit + 1)",
      why: 'more are taken than asked for',
    },
  ],
  'record-event': [
    {
      find: "elseif redis.call('HGET', k.run, 'recordId') == recordId then",
      replace: 'elseif false then',
      why: 'a resent event is recorded twice',
    },
    { find: "setOwnField(r, 'recordId', recordId)", replace: '', why: 'a resend is not known' },
    { find: 'addEvent(k, r, event)', replace: '', why: 'nothing is recorded' },
    {
      find: "setField(r, 'version', r.version + 1)",
      replace: "setField(r, 'version', r.version + 2)",
      why: 'the history has a gap',
    },
    {
      find: "if not r then\n  return { 'gone' }",
      replace: "if not r then\n  return { 'recorded' }",
      why: 'an event of no run is reported as stored',
    },
  ],
  'fail-run': [
    { find: "setField(r, 'status', 'FAILED')", replace: '', why: 'the run goes on' },
    {
      find: "setField(r, 'decision', r.decision + 1)",
      replace: '',
      why: 'an old decision revives it',
    },
    { find: "setField(r, 'closing', '')", replace: '', why: 'an ended run is closed for ever' },
    {
      find: "if letterId:sub(1, 9) == 'dispatch:' or not isReadable then",
      replace: 'if true then',
      why: 'what it has promised to others is lost',
    },
    {
      find: "redis.call('HDEL', k.outbox, letterId)",
      replace: '',
      why: 'a dead run is looked at for ever',
    },
    {
      find: "redis.call('ZREM', k.unsent, runId .. ' ' .. letterId)",
      replace: '',
      why: 'letters are looked for that are gone',
    },
    { find: "setField(r, 'endedAt', now)", replace: '', why: 'it has no end' },
  ],
  'ack-letter': [
    {
      find: "if redis.call('HDEL', k.outbox, ARGV[i]) == 1 then",
      replace: "if redis.call('HEXISTS', k.outbox, ARGV[i]) == 1 then",
      why: 'a letter is delivered for ever',
    },
    {
      find: "redis.call('ZREM', k.unsent, runId .. ' ' .. ARGV[i])",
      replace: '',
      why: 'schedulers look for letters that are gone',
    },
    {
      find: "redis.call('ZREM', k.watch, 'letter:' .. ARGV[i])",
      replace: '',
      why: 'sweepers look for letters that are gone',
    },
    {
      find: 'if count > 0 then\n  deriveAttention(k, r)',
      replace: 'if false then\n  deriveAttention(k, r)',
      why: 'a run that has ended is looked at for ever',
    },
    { find: 'local FIRST = 7', replace: 'local FIRST = 8', why: 'the first letter is forgotten' },
  ],
  'purge-run': [
    {
      find: "'attention', 'runs', 'expiry'",
      replace: "'attention', 'runs'",
      why: 'it is purged again and again',
    },
    { find: "return { 'begun' }", replace: "return { 'kept' }", why: 'a run is never purged' },
    { find: "return { 'purged' }", replace: "return { 'more' }", why: 'the purge never ends' },
    { find: "redis.call('DEL', k[name])", replace: '', why: 'keys stay for ever' },
    { find: "redis.call('ZREM', k[name], runId)", replace: '', why: 'lists name what is gone' },
    {
      find: "redis.call('DEL', k.lock, k.run)",
      replace: "redis.call('DEL', k.lock)",
      why: 'the record stays',
    },
  ],
};
