import type { ScriptLanguage } from '@joinery/core';
import type { SandboxLimits } from './sandbox-limits.ts';

/** What a thread is asked. */
export interface ThreadRequest {
  readonly language: ScriptLanguage;
  readonly script: string;
  /** JSON: only text crosses the border. */
  readonly input: string;
  readonly limits: SandboxLimits;
}

/** JSON text, or why there is none. */
export type ThreadReply =
  | { readonly ok: true; readonly output: string }
  | {
      readonly ok: false;
      readonly reason: string;
      /** The thread's memory may be in disorder: use another one. */
      readonly isSpent: boolean;
    };
