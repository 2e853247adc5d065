import {
  joineryError,
  parseRunId,
  RUN_STATUSES,
  type RunEntry,
  type RunId,
  type RunStatus,
} from '@joinery/core';

/** Reasons are found by their beginning; the record has the whole. */
const REASON_LIMIT = 300;

/** In their order. Read by hand: a schema takes twenty times as long, and a search may read 100,000 of them. */
type StoredEntry = readonly [
  runId: RunId,
  definition: string,
  definitionVersion: number,
  status: RunStatus,
  correlationId: string,
  idempotencyKey: string,
  parentId: string,
  priority: number,
  createdAt: number,
  updatedAt: number,
  endedAt: number,
  reason: string,
];

const TYPES = 'string,string,number,string,string,string,string,number,number,number,number,string';
const STATUSES: ReadonlySet<unknown> = new Set(RUN_STATUSES);

/** An entry as text; names would be most of it. */
export function encodeEntry(entry: RunEntry): string {
  const { runId, definition, definitionVersion, status, correlationId, idempotencyKey } = entry;
  const { parentId, priority, createdAt, updatedAt, endedAt, reason } = entry;
  const names = [runId, definition, definitionVersion, status, correlationId, idempotencyKey];
  const rest = [parentId, priority, createdAt, updatedAt, endedAt, reason.slice(0, REASON_LIMIT)];
  return JSON.stringify([...names, ...rest]);
}

/** The entry of a text. Throws JN_STORE_CORRUPT for a text that is none. */
export function decodeEntry(text: string): RunEntry {
  const stored: unknown = JSON.parse(text);
  if (!isStored(stored)) {
    throw joineryError('JN_STORE_CORRUPT', { key: 'entries', problem: text.slice(0, 100) });
  }
  const [runId, definition, definitionVersion, status, correlationId, ...rest] = stored;
  const [idempotencyKey, parentId, priority, createdAt, updatedAt, endedAt, reason] = rest;
  const names = { runId, definition, definitionVersion, status, correlationId, idempotencyKey };
  return { ...names, parentId, priority, createdAt, updatedAt, endedAt, reason };
}

function isStored(value: unknown): value is StoredEntry {
  if (!Array.isArray(value)) return false;
  const types = value.map((each) => typeof each).join(',');
  return types === TYPES && STATUSES.has(value[3]) && parseRunId(String(value[0])) !== null;
}
