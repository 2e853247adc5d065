import type { Json } from './json.ts';

/**
 * `javascript`: the value of a script, with the input as `$`. `jq`: the list of all that a filter yields. `json-schema`:
 * what is wrong with the input, and where; null when it fits.
 */
export type ScriptLanguage = 'javascript' | 'jq' | 'json-schema';

/** A script whose result a decision depends on. It is run by whoever decides, never by the decider. */
export interface Evaluation {
  /** Unique within a run and for ever: its result is looked up by it. */
  readonly id: string;
  readonly language: ScriptLanguage;
  readonly script: string;
  readonly input: Json;
}

/** What a script came to. A failure is the script's own, or it broke a limit: running it again would not help. */
export type EvaluationResult =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly reason: string };
