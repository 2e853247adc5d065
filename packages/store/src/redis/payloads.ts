import { type DataField, type Json, joineryError, type RunId } from '@joinery/core';
import { systemEntropy } from '@joinery/kit';
import { persist } from './persist.ts';
import { type RedisScope } from './redis-scope.ts';
import { storedJson } from './stored-names.ts';

/** A blob is written before the script that names it; when that script never comes, it ends by itself. */
const BLOB_TTL_MS = 3_600_000;

/** A large payload on its way into a key of its own. */
export interface Blob {
  readonly key: string;
  readonly text: string;
}

/** Payloads of one transition: texts as the script stores them, and the blobs that must be there before it. */
export class PayloadStage {
  readonly blobs: Blob[] = [];
  readonly #scope: RedisScope;
  readonly #runId: RunId;

  constructor(scope: RedisScope, runId: RunId) {
    this.#scope = scope;
    this.#runId = runId;
  }

  /** The stored text of a payload: itself, or `@<blob id>`. Throws JN_PAYLOAD_TOO_LARGE; nothing is written yet. */
  put(field: DataField, value: Json): string {
    const { limits, inlineMaxBytes } = this.#scope.options;
    const text = JSON.stringify(value);
    const size = Buffer.byteLength(text);
    const limit = field === 'run:variables' ? limits.variablesBytes : limits.payloadBytes;
    if (size > limit) throw joineryError('JN_PAYLOAD_TOO_LARGE', { what: field, size, limit });
    if (size <= inlineMaxBytes) return text;
    const blobId = systemEntropy.randomId();
    this.blobs.push({ key: this.#scope.keys.blob(this.#runId, blobId), text });
    return `@${blobId}`;
  }

  /** Write the blobs; answers their keys. */
  async write(): Promise<readonly string[]> {
    const { redis } = this.#scope;
    for (const { key, text } of this.blobs) {
      await persist(this.#scope, 'SET blob', () => redis.set(key, text, 'PX', BLOB_TTL_MS));
    }
    return this.blobs.map(({ key }) => key);
  }
}

/** The payload that a stored text stands for; null for none. Throws JN_STORE_CORRUPT for a blob that is gone. */
export async function readPayload(
  scope: RedisScope,
  runId: RunId,
  stored: string | null | undefined,
): Promise<Json | null> {
  if (stored == null) return null;
  return parseJson(isBlob(stored) ? await readBlob(scope, blobKey(scope, runId, stored)) : stored);
}

/**
 * The same, with blobs shared between readers: for decisions, which change nothing that they read. Handlers of tasks
 * may do so, and get their own.
 */
export async function readShared(
  scope: RedisScope,
  runId: RunId,
  stored: string | null,
): Promise<Json | null> {
  if (stored === null || !isBlob(stored)) return readPayload(scope, runId, stored);
  const key = blobKey(scope, runId, stored);
  const known = scope.blobs.get(key);
  if (known !== undefined) return known;
  const text = await readBlob(scope, key);
  const value = parseJson(text);
  scope.blobs.set(key, value, text.length);
  return value;
}

function isBlob(stored: string): boolean {
  return stored.startsWith('@');
}

function blobKey(scope: RedisScope, runId: RunId, stored: string): string {
  return scope.keys.blob(runId, stored.slice(1));
}

async function readBlob(scope: RedisScope, key: string): Promise<string> {
  const text = await persist(scope, 'GET blob', () => scope.redis.get(key));
  if (text === null) throw joineryError('JN_STORE_CORRUPT', { key, problem: 'the blob is gone' });
  return text;
}

/** JSON that the store has written itself. Throws JN_STORE_CORRUPT for what is none: it never will be. */
export function parseJson(text: string): Json {
  try {
    return storedJson.parse(JSON.parse(text));
  } catch (cause) {
    throw joineryError(
      'JN_STORE_CORRUPT',
      { key: 'of a payload', problem: String(cause) },
      { cause },
    );
  }
}
