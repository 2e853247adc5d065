import type { z } from 'zod';
import { errorMessage, joineryError, JoineryError } from '../errors/joinery-error.ts';
import type { ErrorCode } from '../errors/error-catalogue.ts';
import { measureJson } from '../expressions/measure-json.ts';

/** One thing that is wrong with a definition, and where. */
export interface DefinitionProblem {
  readonly code: ErrorCode;
  /** `tasks[0].inputParameters.x` */
  readonly path: string;
  readonly message: string;
  readonly invalidValue: unknown;
}

/** Describes a problem; its message comes from the catalogue. */
export function problemOf(
  code: ErrorCode,
  facts: Readonly<Record<string, unknown>> & { readonly path: string },
  invalidValue: unknown = null,
): DefinitionProblem {
  return { code, path: facts.path, message: errorMessage(code, facts), invalidValue };
}

/** What a schema has to say about an input, as problems. */
export function problemsOfSchema(error: z.ZodError, input: unknown): readonly DefinitionProblem[] {
  return error.issues.map((issue) => {
    const facts = { path: pathText(issue.path), problem: issue.message };
    return problemOf('JN_DEF_SHAPE', facts, valueAt(input, issue.path));
  });
}

/** Throws when there are problems: with the code that all of them share, else with JN_DEF_INVALID. */
export function throwProblems(name: string, problems: readonly DefinitionProblem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const isOneKind = problems.every((problem) => problem.code === first.code);
  if (!isOneKind || problems.length > 1) {
    const facts = { name, count: problems.length, path: first.path, problem: first.message };
    const details = { ...facts, problems };
    throw isOneKind
      ? new JoineryError(first.code, details, { message: errorMessage('JN_DEF_INVALID', facts) })
      : joineryError('JN_DEF_INVALID', details);
  }
  throw new JoineryError(first.code, { name, problems }, { message: first.message });
}

/** Bounds of a definition's JSON. Size: 10,000 fork branches must fit. Depth: 32 levels of tasks, and payloads. */
export const DEFINITION_BOUNDS = { maxSize: 5_000_000, maxDepth: 200 } as const;

/** Why an input is too large, too deep or not JSON at all; nothing further may look at it then. */
export function problemsOfSize(input: unknown): readonly DefinitionProblem[] {
  const measured = measureJson(input, DEFINITION_BOUNDS);
  if (measured.ok) return [];
  if (measured.problem === 'not-json') {
    return [problemOf('JN_DEF_SHAPE', { path: '$', problem: 'it is not plain JSON' })];
  }
  const isDepth = measured.problem === 'too-deep';
  const facts = {
    path: '$',
    what: isDepth ? 'nesting of JSON' : 'size in characters, defaults included,',
    limit: isDepth ? DEFINITION_BOUNDS.maxDepth : DEFINITION_BOUNDS.maxSize,
  };
  return [problemOf('JN_DEF_TOO_LARGE', facts)];
}

/** The name that an input claims to have, for messages. */
export function nameIn(input: unknown): string {
  const name = valueAt(input, ['name']);
  return typeof name === 'string' ? name : '(no name)';
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`));
  return text.length === 0 ? '$' : text.join('').replace(/^\./, '');
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let here: unknown = input;
  for (const step of path) {
    const isInside = typeof here === 'object' && here !== null && Object.hasOwn(here, step);
    here = isInside ? Reflect.get(Object(here), step) : null;
  }
  // A whole subtree in a message helps nobody.
  return typeof here === 'object' ? null : here;
}
