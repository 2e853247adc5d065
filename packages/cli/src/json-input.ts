import { isJsonObject, joineryError, type Json, type JsonObject } from '@joinery/core';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UsageError } from './exit.ts';

/** Reads a file of JSON. Throws a UsageError when it is not there, JN_PAYLOAD_NOT_JSON when it is something else. */
export async function readJsonFile(cwd: string, path: string): Promise<Json> {
  let text: string;
  try {
    text = await readFile(resolve(cwd, path), 'utf8');
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`cannot read ${path}: ${problem}`, { cause });
  }
  return parseJson(text, path);
}

/** The input of a run as the command line has it: JSON, or `@` and the path of a file with it; nothing is `{}`. */
export async function readInput(cwd: string, text: string | undefined): Promise<JsonObject> {
  if (text === undefined) return {};
  const json = text.startsWith('@')
    ? await readJsonFile(cwd, text.slice(1))
    : parseJson(text, '--input');
  if (isJsonObject(json)) return json;
  throw joineryError('JN_REQUEST_INVALID', { what: '--input', problem: 'expected a JSON object' });
}

function parseJson(text: string, what: string): Json {
  try {
    const json: Json = JSON.parse(text);
    return json;
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw joineryError('JN_PAYLOAD_NOT_JSON', { what, problem }, { cause });
  }
}
