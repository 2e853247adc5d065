import { type Config } from '@joinery/kit';

/** What a command needs of the world; a port, so that commands run in tests without a process each. */
export interface Terminal {
  /** One line to standard output: results. */
  readonly out: (line: string) => void;
  /** One line to standard error: progress, problems, logs of commands that have results. */
  readonly err: (line: string) => void;
  /** Reads the configuration; throws JN_CONFIG_INVALID. */
  readonly readConfig: () => Config;
  /** Where relative paths and `.joinery/` start from. */
  readonly cwd: string;
  /** Ends a command as a first SIGTERM does. */
  readonly signal?: AbortSignal;
  /** Decides one run in a process of its own; absent where this process is not the `joinery` command. */
  readonly isolate?: (runId: string) => Promise<void>;
}
