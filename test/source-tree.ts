import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** A file of the repository, by its path from the root. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A workspace, with what its package.json declares. */
export interface Workspace {
  /** The folder's name, which is the package's name without its scope. */
  readonly name: string;
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
  readonly exports: readonly string[];
}

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const binary = /\.(png|jpe?g|gif|ico|woff2?|gz)$/;
const versions = z.record(z.string(), z.string()).default({});
const packageJson = z.object({
  name: z.string(),
  exports: z.record(z.string(), z.unknown()).default({}),
  dependencies: versions,
  devDependencies: versions,
});

/** Every text file that is tracked or about to be; what a stranger's clone would hold. */
export function readTree(): readonly SourceFile[] {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const paths = execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\0');
  return paths.filter((path) => path !== '' && !binary.test(path)).flatMap(readIfThere);
}

/** The packages of the tree. */
export function workspacesOf(tree: readonly SourceFile[]): readonly Workspace[] {
  return tree
    .filter((file) => /^packages\/[^/]+\/package\.json$/.test(file.path))
    .map((file) => {
      const declared = packageJson.parse(JSON.parse(file.text));
      return {
        name: packageOf(file.path),
        dependencies: Object.keys(declared.dependencies),
        devDependencies: Object.keys(declared.devDependencies),
        exports: Object.keys(declared.exports),
      };
    });
}

/** The package that a path is in; empty outside of packages/. */
export function packageOf(path: string): string {
  return /^packages\/([^/]+)\//.exec(path)?.[1] ?? '';
}

/** True for what is shipped: not tests, not scripts. */
export function isProduct(path: string): boolean {
  return /^packages\/[^/]+\/src\/.*\.tsx?$/.test(path) && !/\.test(-d)?\.tsx?$/.test(path);
}

/** What a file imports or re-exports, static and dynamic, types included; comments do not count. */
export function importsOf(text: string): readonly string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
  const statement =
    /^(?:import|export)\s[\w$\s{},*]*?(?:\bfrom\s*|(?<=^import\s))['"]([^'"]+)['"]/gm;
  const call = /\bimport\(\s*['"]([^'"]+)['"]/g;
  return [statement, call].flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => match[1] ?? ''),
  );
}

/** A file may be deleted in the working tree and still be listed. */
function readIfThere(path: string): readonly SourceFile[] {
  try {
    return [{ path, text: readFileSync(join(root, path), 'utf8') }];
  } catch {
    return [];
  }
}
