import { joineryError } from '@joinery/core';
import { type Entropy } from '@joinery/kit';
import { type Agenda } from '@joinery/store';
import { type z } from 'zod';
import { bodyOf } from '../schedules/agenda-ports.ts';

/** Where small things are kept that belong to no run and wait for no moment: tags, schemas, sealed secrets. */
export interface DocumentPorts {
  readonly documents: Agenda;
  readonly entropy: Entropy;
}

/** Which document, and how it is read. */
export interface DocumentPlace<Body extends object> {
  /** `<kind>/<name>` */
  readonly id: string;
  readonly schema: z.ZodType<Body>;
}

/** Changes in a row by others that a change gives way to: more means that something is wrong. */
const ROUNDS_LIMIT = 20;

/** The document, or null. */
export async function readDocument<Body extends object>(
  { documents }: Pick<DocumentPorts, 'documents'>,
  { id, schema }: DocumentPlace<Body>,
): Promise<Body | null> {
  const found = await documents.find(id);
  return found === null ? null : schema.parse(found.body);
}

/**
 * Changes a document under its guard: read, change, commit, and again when somebody else was faster. Null from `change`
 * removes it. Answers what was there before. Throws JN_DOCUMENT_BUSY.
 */
export async function changeDocument<Body extends object>(
  { documents, entropy }: DocumentPorts,
  { id, schema }: DocumentPlace<Body>,
  change: (body: Body | null) => Body | null,
): Promise<Body | null> {
  for (let round = 0; round < ROUNDS_LIMIT; round += 1) {
    const found = await documents.find(id);
    const before = found === null ? null : schema.parse(found.body);
    const after = change(before);
    if (before === null && after === null) return null;
    const body = after === null ? null : bodyOf(after);
    const from = found?.revision ?? null;
    const revision = entropy.randomId();
    if (await documents.commit({ id, from, revision, body, dueAt: null })) return before;
  }
  throw joineryError('JN_DOCUMENT_BUSY', { id, count: ROUNDS_LIMIT });
}
