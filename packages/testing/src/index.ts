export { eventually, type EventuallyOptions } from './eventually.ts';
export { freePort } from './free-port.ts';
export { openLedger, type Ledger, type LedgerEntry, type LedgerKey } from './ledger.ts';
export { startRedis, type RedisServer, type StartRedisOptions } from './redis-server.ts';
