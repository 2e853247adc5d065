import { type OutputUnit, type Schema, type SchemaDraft, Validator } from '@cfworker/json-schema';
import { REASON_LIMIT } from './sandbox-limits.ts';
import type { ThreadReply, ThreadRequest } from './thread-message.ts';

/** What `$schema` may name; any other is read as the latest. */
const DRAFTS: readonly SchemaDraft[] = ['4', '7', '2019-09', '2020-12'];

/**
 * Holds a value to a JSON Schema: the answer is null, or where the value does not fit and why, without the value. Nothing is
 * fetched: a reference to elsewhere is an error of the schema. A schema that takes too long is ended with its thread.
 */
export function runSchema({ script, input }: ThreadRequest): ThreadReply {
  const schema: Schema = JSON.parse(script);
  const { valid, errors } = new Validator(schema, draftOf(schema), true).validate(
    JSON.parse(input),
  );
  const problem = valid ? null : problemOf(errors);
  return { ok: true, output: JSON.stringify(problem) };
}

function draftOf({ $schema }: Schema): SchemaDraft {
  const named = DRAFTS.find((draft) => $schema?.match(`draft(?:-0|/)${draft}\\b`));
  return named ?? '2020-12';
}

/** The innermost error: those around it say only that something inside is wrong. */
function problemOf(errors: readonly OutputUnit[]): string {
  const [innermost] = errors.toSorted((a, b) => depthOf(b) - depthOf(a));
  const path = innermost?.instanceLocation.replace(/^#\/?/u, '').replaceAll('/', '.') ?? '';
  return `at ${path || 'the top'}: ${innermost?.error ?? 'it does not fit'}`.slice(0, REASON_LIMIT);
}

function depthOf({ instanceLocation }: OutputUnit): number {
  return instanceLocation.split('/').length;
}
