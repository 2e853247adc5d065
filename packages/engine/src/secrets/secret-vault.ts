/*
 * Secrets that workflows may name: variables of the environment, and those that were stored through the API.
 * Ownership: the vault owns the documents of kind `secret` and what it has opened of them.
 * Invariants:
 *  V1 a stored secret is sealed before it leaves the process, and its text is in no log, error or answer.
 *  V2 a variable of the environment wins, and cannot be changed here.
 *  V3 what was stored is in force in every process with the key within a second; in this one at once.
 */
import { joineryError, type SecretLookup } from '@joinery/core';
import { createLoop, type Logger, type Loop } from '@joinery/kit';
import { z } from 'zod';
import { changeDocument, type DocumentPorts } from '../documents/change-document.ts';
import { openText, type SealingKey, sealText } from './sealed-text.ts';

const KIND = 'secret';
const REFRESH_EVERY_MS = 500;
const schema = z.object({ sealed: z.string() });

/** What a vault is made of. */
export interface VaultParts extends DocumentPorts {
  readonly logger: Logger;
  /** Secrets of the environment. */
  readonly fixed: ReadonlyMap<string, string>;
  /** Null: nothing can be stored, and nothing that is stored can be opened. */
  readonly key: SealingKey | null;
}

/** Names of secrets for everybody, texts for workers alone. */
export interface SecretVault {
  /** The text that a worker is handed; undefined when there is none, or it cannot be opened here. */
  readonly lookup: SecretLookup;
  /** All of them, sorted. */
  names(): Promise<readonly string[]>;
  /** Throws JN_SECRET_READ_ONLY without a key, and for variables of the environment. */
  put(name: string, text: string): Promise<void>;
  /** False: there was none. Throws as `put` does. */
  remove(name: string): Promise<boolean>;
  /** Opens what is stored: to be called before the first lookup. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Creates the vault over documents that all processes share. */
export function createSecretVault(parts: VaultParts): SecretVault {
  return new Vault(parts);
}

class Vault implements SecretVault {
  readonly #parts: VaultParts;
  readonly #loop: Loop;
  #opened: ReadonlyMap<string, string> = new Map();
  /** Looks that have begun, and the latest of them that was believed. */
  #lookCount = 0;
  #believed = 0;
  /** Told once, not twice a second. */
  readonly #unreadable = new Set<string>();

  constructor(parts: VaultParts) {
    this.#parts = parts;
    this.#loop = createLoop({
      name: 'secrets',
      intervalMs: () => REFRESH_EVERY_MS,
      pass: () => this.#refresh(),
      logger: parts.logger,
    });
  }

  readonly lookup = (name: string): string | undefined =>
    this.#parts.fixed.get(name) ?? this.#opened.get(name);

  async names(): Promise<readonly string[]> {
    const stored = await this.#parts.documents.list(KIND);
    const names = stored.map(({ id }) => nameOf(id));
    return [...new Set([...this.#parts.fixed.keys(), ...names])].toSorted();
  }

  async put(name: string, text: string): Promise<void> {
    const sealed = sealText(this.#keyFor(name), name, text);
    await changeDocument(this.#parts, placeOf(name), () => ({ sealed }));
    await this.#refresh();
  }

  async remove(name: string): Promise<boolean> {
    this.#keyFor(name);
    const before = await changeDocument(this.#parts, placeOf(name), () => null);
    await this.#refresh();
    return before !== null;
  }

  async start(): Promise<void> {
    if (this.#parts.key === null) return;
    await this.#refresh();
    this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop(1_000);
  }

  #keyFor(name: string): SealingKey {
    const { fixed, key } = this.#parts;
    if (fixed.has(name)) {
      const problem = 'it is a variable of the environment; change it where workers run';
      throw joineryError('JN_SECRET_READ_ONLY', { name, problem });
    }
    if (key !== null) return key;
    const problem = 'JOINERY_WORKFLOW_SECRET_KEY is not set, so that nothing can be stored';
    throw joineryError('JN_SECRET_READ_ONLY', { name, problem });
  }

  async #refresh(): Promise<void> {
    const { documents, key, logger } = this.#parts;
    if (key === null) return;
    this.#lookCount += 1;
    const look = this.#lookCount;
    const opened = new Map<string, string>();
    for (const { id, body } of await documents.list(KIND)) {
      const name = nameOf(id);
      const text = openText(key, name, schema.parse(body).sealed);
      if (text !== null) opened.set(name, text);
      else if (!this.#unreadable.has(name)) {
        this.#unreadable.add(name);
        logger.warn({ event: 'secret.unreadable', name }, 'sealed with another key; store it anew');
      }
    }
    // One that began before the last change may end after it.
    if (look < this.#believed) return;
    this.#believed = look;
    this.#opened = opened;
  }
}

function placeOf(name: string) {
  return { id: `${KIND}/${name}`, schema };
}

function nameOf(id: string): string {
  return id.slice(KIND.length + 1);
}
