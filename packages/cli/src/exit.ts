import { errorCatalogue, isJoineryError } from '@joinery/core';
import { exitCodes, redactUrls } from '@joinery/kit';

/** The command line itself was wrong: nothing was done. */
export const USAGE_EXIT = 2;

/** An argument that cannot be understood; ends the command with exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What an error looks like on a terminal, and the exit code that goes with it. */
export interface Failure {
  readonly lines: readonly string[];
  readonly exitCode: number;
}

/** More problems than this nobody reads at once. */
const PROBLEMS_LIMIT = 20;

/** One line with the code, one for each further problem, one that says what to do. */
export function failureOf(error: unknown): Failure {
  if (error instanceof UsageError) {
    return { lines: [`error: ${error.message}`], exitCode: USAGE_EXIT };
  }
  if (!isJoineryError(error)) {
    const message = error instanceof Error ? error.message : String(error);
    return { lines: [`error: ${redactUrls(message)}`], exitCode: exitCodes.failed };
  }
  const { code, message, details } = error;
  const problems = problemsIn(details['problems']);
  const lines = [
    `${code}: ${redactUrls(message)}`,
    ...(problems.length > 1 ? problems.map((problem) => `  - ${problem}`) : []),
    `  what to do: ${errorCatalogue[code].remedy}`,
  ];
  return { lines, exitCode: code === 'JN_CONFIG_INVALID' ? exitCodes.config : exitCodes.failed };
}

function problemsIn(problems: unknown): readonly string[] {
  if (!Array.isArray(problems)) return [];
  const lines = problems.slice(0, PROBLEMS_LIMIT).map((problem: unknown) => problemText(problem));
  const left = problems.length - lines.length;
  return left > 0 ? [...lines, `and ${left} more`] : lines;
}

function problemText(problem: unknown): string {
  if (typeof problem !== 'object' || problem === null) return redactUrls(String(problem));
  const { code, message } = { code: '', message: '', ...problem };
  return redactUrls(`${code}: ${message}`);
}
