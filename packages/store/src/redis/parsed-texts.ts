import { type Json } from '@joinery/core';
import { parseJson } from './payloads.ts';

/** Definitions that are started often at the same time; each is some KB. */
const TEXTS_LIMIT = 64;

/**
 * JSON by its text, for texts that are read again and again: the same text gives the same value, which nobody changes.
 * Whoever derives something from a value may remember it by the value itself.
 */
export class ParsedTexts {
  readonly #parsed = new Map<string, Json>();

  parse(text: string): Json {
    const known = this.#parsed.get(text);
    if (known !== undefined) return known;
    const value = parseJson(text);
    const [oldest] = this.#parsed.keys();
    if (this.#parsed.size >= TEXTS_LIMIT && oldest !== undefined) this.#parsed.delete(oldest);
    this.#parsed.set(text, value);
    return value;
  }
}
