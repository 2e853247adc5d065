import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadTasks } from './load-tasks.ts';

const cwd = mkdtempSync(join(tmpdir(), 'joinery-tasks-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** A module of a user; `task(type)` is what defineTask makes, marked as another copy of the package would. */
const load = async (name: string, body: string): Promise<readonly string[]> => {
  const head = `const task = (type) => ({ [Symbol.for('@joinery/worker/task')]: true, type, concurrency: 1, execute: async () => 1 });\n`;
  writeFileSync(join(cwd, name), head + body);
  return (await loadTasks(`./${name}`, { cwd })).map((task) => task.type);
};

describe('a task module', () => {
  it('gives its named exports and its default export, and what is no task is passed over', async () => {
    const types = await load(
      'named.mjs',
      `export const a = task('a'); export default task('b'); export const other = 1;`,
    );
    expect(types.toSorted()).toEqual(['a', 'b']);
  });

  it('may export a list, and the same task twice', async () => {
    const types = await load(
      'list.mjs',
      `export const a = task('a'); export default [a, task('b')];`,
    );
    expect(types.toSorted()).toEqual(['a', 'b']);
  });

  it('may be CommonJS', async () => {
    expect(await load('old.cjs', `module.exports = { a: task('a'), b: task('b') };`)).toEqual([
      'a',
      'b',
    ]);
  });

  it.each([
    ['empty.mjs', `export const helper = () => 1;`, 'it exports: helper'],
    ['twice.mjs', `export const a = task('x'); export const b = task('x');`, 'task type x twice'],
    ['broken.mjs', `throw new Error('no database');`, 'no database'],
    ['import.mjs', `import 'not-installed-anywhere';`, 'not-installed-anywhere'],
  ])('that cannot be used is refused with the reason: %s', async (name, body, said) => {
    const loading = load(name, body);
    await expect(loading).rejects.toThrow(said);
    await expect(loading).rejects.toThrow(`task module ./${name}`);
    await expect(loading).rejects.toMatchObject({ code: 'JN_REQUEST_INVALID' });
  });

  it('that is absent or a directory is refused with the path that was looked at', async () => {
    await expect(loadTasks('./absent.js', { cwd })).rejects.toThrow(join(cwd, 'absent.js'));
    mkdirSync(join(cwd, 'dir'));
    await expect(loadTasks('./dir', { cwd })).rejects.toThrow('is not a file');
  });
});
