import { basename, dirname, join } from 'node:path';
import { isProduct, type SourceFile } from './source-tree.ts';

const lineLimit = 400;
/** Names that say nothing about what a file holds. */
const emptyName = /^(common|types)$|(^|-)(utils?|helpers?|managers?|impl)$/;
/** Words that promise to finish later; a class in each, so that this line does not find itself. */
const unfinished = /\b(?:T[O]DO|F[I]XME|X[X]X)\b/;
const switchedOff = /\b(?:it|test|describe)\.(?:skip|only|todo|fails)\b/;
const readsEnvironment = /\bprocess\.env\b|\{[^}]*\benv\b[^}]*\}\s*from\s*'node:process'/;
/** The configuration; and the lock of tests, which no product code knows. */
const environmentReaders = new Set([
  'packages/kit/src/config.ts',
  'packages/testing/src/chaos/test-lock.ts',
]);

/** A path of some machine, at the start of a path and not inside a relative one. */
const machinePath = /(?<![\w.})*-])\/(?:work|root|home|Users)\/[\w.-]/;
const registryHost = /"resolved": ?"https?:|\bregistry\.(?:npmjs\.org|yarnpkg\.com)/;

/** What is wrong with the shape of one file; empty when nothing is. */
export function shapeProblems(file: SourceFile): readonly string[] {
  const problems: string[] = [];
  const found = (isFound: boolean, problem: string): void => {
    if (isFound) problems.push(`${file.path}: ${problem}`);
  };
  const isCode = /\.(tsx?|mjs|lua)$/.test(file.path);
  const isTest = /\.test\.tsx?$/.test(file.path);
  const isOurs = isProduct(file.path);
  const name = basename(file.path).replace(/\..*$/, '');
  found(isOurs && file.text.split('\n').length - 1 > lineLimit, `more than ${lineLimit} lines`);
  found(isCode && emptyName.test(name), 'a name that says nothing about what it holds');
  found(isOurs && /^export default\b/m.test(file.text), 'a default export');
  found(isCode && unfinished.test(file.text), 'a note about unfinished work');
  found(isTest && switchedOff.test(file.text), 'a test switched off, or all others');
  const readsEnv = readsEnvironment.test(file.text) && !environmentReaders.has(file.path);
  found(isOurs && readsEnv, 'reads process.env; only the configuration may');
  return problems;
}

/** What a file says that only holds on one machine; empty when nothing does. */
export function placeProblems(file: SourceFile): readonly string[] {
  const lines = file.text.split('\n');
  return lines.flatMap((line, index) =>
    machinePath.test(line) || registryHost.test(line) ? [`${file.path}:${index + 1}`] : [],
  );
}

/** Names that an index exports and whose declaration has no doc comment right above it. */
export function undocumentedExports(
  index: SourceFile,
  tree: readonly SourceFile[],
): readonly string[] {
  const lists = index.text.matchAll(/export (?:type )?\{([^}]*)\} from '([^']+)'/g);
  return [...lists].flatMap(([, names = '', from = '']) => {
    const path = join(dirname(index.path), from);
    const text = tree.find((file) => file.path === path)?.text ?? '';
    return exportedNames(names)
      .filter((name) => !isDocumented(text, name))
      .map((name) => `${path}: ${name}`);
  });
}

function exportedNames(list: string): readonly string[] {
  const bare = list.replaceAll(/\/\/.*$/gm, '').split(',');
  return bare
    .map((name) =>
      name
        .trim()
        .replace(/^type /, '')
        .replace(/ as .*$/, ''),
    )
    .filter((name) => name !== '');
}

function isDocumented(text: string, name: string): boolean {
  const kinds = '(?:abstract class|class|async function\\*?|function\\*?|const|interface|type)';
  return new RegExp(`\\*/\\s*\\nexport ${kinds} ${name}\\b`).test(text);
}
