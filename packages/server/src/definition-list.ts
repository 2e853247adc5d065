import { type Json } from '@joinery/core';
import { type DefinitionStore } from '@joinery/store';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';

/** A list as it goes out, named by its content. */
export interface TaggedList {
  readonly body: Buffer;
  readonly etag: string;
}

/** All workflow definitions, and the latest version of each. */
export interface DefinitionLists {
  readonly every: TaggedList;
  readonly latest: TaggedList;
}

const READS_AT_ONCE = 200;

/**
 * All workflow definitions as text, kept until one changes. A request costs one GET of the store's stamp; a change costs
 * one reading of all, however many ask at once. The stamp is read before the definitions: what is kept is never older.
 */
export function createDefinitionList(definitions: DefinitionStore): () => Promise<DefinitionLists> {
  let kept: { readonly stamp: string; readonly lists: Promise<DefinitionLists> } | null = null;
  return async () => {
    const stamp = await definitions.workflowsStamp();
    if (kept?.stamp === stamp) return kept.lists;
    const lists = readAll(definitions);
    const mine = { stamp, lists };
    kept = mine;
    try {
      return await lists;
    } catch (error) {
      if (kept === mine) kept = null;
      throw error;
    }
  };
}

async function readAll(definitions: DefinitionStore): Promise<DefinitionLists> {
  const listed = await definitions.listWorkflows();
  const texts: string[] = [];
  const latest = new Map<string, string>();
  for (let from = 0; from < listed.length; from += READS_AT_ONCE) {
    const some = listed.slice(from, from + READS_AT_ONCE);
    const found: readonly (Json | null)[] = await Promise.all(
      some.map(({ name, version }) => definitions.getWorkflow(name, version)),
    );
    for (const [index, definition] of found.entries()) {
      // Removed meanwhile.
      if (definition === null) continue;
      const text = JSON.stringify(definition);
      texts.push(text);
      // By version from the lowest on: the last word is the latest.
      latest.set(some[index]?.name ?? '', text);
    }
  }
  return { every: taggedOf(texts), latest: taggedOf([...latest.values()]) };
}

function taggedOf(texts: readonly string[]): TaggedList {
  const body = Buffer.from(`[${texts.join(',')}]`);
  return { body, etag: `"${createHash('sha256').update(body).digest('base64url')}"` };
}

/** Sends a list, or 304 to who has it. Browsers may keep it, and ask each time. */
export function sendTagged(
  request: FastifyRequest,
  reply: FastifyReply,
  { body, etag }: TaggedList,
): FastifyReply {
  reply.headers({ etag, 'cache-control': 'no-cache' });
  const known = request.headers['if-none-match'] ?? '';
  if (known.split(',').some((each) => each.trim() === etag)) return reply.code(304).send();
  return reply.type('application/json; charset=utf-8').send(body);
}
