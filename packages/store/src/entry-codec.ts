import { RUN_STATUSES, type RunEntry } from '@joinery/core';
import { z } from 'zod';
import { storedRunId } from './redis/stored-names.ts';

/** Reasons are found by their beginning; the record has the whole. */
const REASON_LIMIT = 300;

const stored = z.tuple([
  storedRunId,
  z.string(),
  z.number(),
  z.enum(RUN_STATUSES),
  z.string(),
  z.string(),
  z.string(),
  z.number(),
  z.number(),
  z.number(),
  z.number(),
  z.string(),
]);

/** An entry as text; names would be most of it. */
export function encodeEntry(entry: RunEntry): string {
  const { runId, definition, definitionVersion, status, correlationId, idempotencyKey } = entry;
  const { parentId, priority, createdAt, updatedAt, endedAt, reason } = entry;
  const names = [runId, definition, definitionVersion, status, correlationId, idempotencyKey];
  const rest = [parentId, priority, createdAt, updatedAt, endedAt, reason.slice(0, REASON_LIMIT)];
  return JSON.stringify([...names, ...rest]);
}

/** The entry of a text. Throws for a text that is none. */
export function decodeEntry(text: string): RunEntry {
  const [runId, definition, definitionVersion, status, correlationId, ...rest] = stored.parse(
    JSON.parse(text),
  );
  const [idempotencyKey, parentId, priority, createdAt, updatedAt, endedAt, reason] = rest;
  const names = { runId, definition, definitionVersion, status, correlationId, idempotencyKey };
  return { ...names, parentId, priority, createdAt, updatedAt, endedAt, reason };
}
