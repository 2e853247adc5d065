import { joineryError } from '@joinery/core';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { isTask, type Task } from './define-task.ts';

/** Where a module is looked for. */
export interface LoadTasksOptions {
  /** What relative paths start from. Default: the process's working directory. */
  readonly cwd?: string;
}

/**
 * Loads the task types of a module: whatever `defineTask` made among its named exports and its default export, which may
 * also be a list. `.js` and `.mjs` always; `.ts` where the running Node can. Throws JN_REQUEST_INVALID saying what to mend.
 */
export async function loadTasks(
  modulePath: string,
  options: LoadTasksOptions = {},
): Promise<readonly Task[]> {
  const path = resolve(options.cwd ?? process.cwd(), modulePath);
  await mustBeFile(modulePath, path);
  const exported = await importModule(modulePath, path);
  const tasks = new Set(Object.values(exported).flatMap(tasksIn));
  if (tasks.size === 0) {
    const names = Object.keys(exported).join(', ') || 'nothing';
    throw refused(modulePath, `it exports no task made by defineTask (it exports: ${names})`);
  }
  const types = [...tasks].map((task) => task.type);
  const twice = types.find((type, index) => types.indexOf(type) !== index);
  if (twice !== undefined) throw refused(modulePath, `it defines task type ${twice} twice`);
  return [...tasks];
}

async function mustBeFile(modulePath: string, path: string): Promise<void> {
  let isFile: boolean;
  try {
    isFile = (await stat(path)).isFile();
  } catch (cause) {
    throw refused(modulePath, `there is no file ${path}`, cause);
  }
  if (!isFile) throw refused(modulePath, `${path} is not a file; name the module itself`);
}

async function importModule(modulePath: string, path: string): Promise<object> {
  try {
    const exported: object = await import(pathToFileURL(path).href);
    return exported;
  } catch (cause) {
    if (codeOf(cause) === 'ERR_UNKNOWN_FILE_EXTENSION') {
      const problem = `Node ${process.versions.node} does not load such files; build it to .js, or run with a loader such as tsx`;
      throw refused(modulePath, problem, cause);
    }
    throw refused(modulePath, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

/** CommonJS modules arrive as a default export that holds the real ones. */
function tasksIn(exported: unknown): readonly Task[] {
  if (isTask(exported)) return [exported];
  if (Array.isArray(exported)) return exported.filter(isTask);
  if (typeof exported !== 'object' || exported === null) return [];
  return Object.values(exported).filter(isTask);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function refused(modulePath: string, problem: string, cause?: unknown): Error {
  const details = { what: `task module ${modulePath}`, problem };
  return joineryError('JN_REQUEST_INVALID', details, { cause });
}
