import { dirname, join } from 'node:path';
import { importsOf, isProduct, packageOf, type SourceFile, type Workspace } from './source-tree.ts';

const foundations = ['core', 'contract', 'kit', 'sandbox', 'store', 'queues', 'client'];
const services = [...foundations, 'engine'];
const loops = ['scheduler', 'worker', 'join-coordinator', 'sweeper'];
const everything = [...services, ...loops, 'server', 'dashboard', 'cli', 'testkit'];

/** Who may import whom. A package that is not here has no place in the architecture yet. */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  contract: ['core'],
  kit: ['core'],
  sandbox: ['core', 'kit'],
  store: ['core', 'kit'],
  queues: ['core', 'kit'],
  client: ['core', 'contract'],
  engine: foundations,
  scheduler: services,
  worker: services,
  'join-coordinator': services,
  sweeper: services,
  server: services,
  dashboard: ['contract', 'client'],
  cli: everything,
  testkit: ['core', 'client', 'engine', 'store'],
  testing: everything,
  bench: [...everything, 'testing', 'examples'],
  examples: everything,
};

/** Never published and never run by users, so that a runtime dependency on testing hurts nobody. */
const unpublished = new Set(['bench']);
const scope = '@joinery/';

/** What is wrong with the imports of one file; empty when nothing is. */
export function importProblems(file: SourceFile, workspace: Workspace): readonly string[] {
  return importsOf(file.text).flatMap((specifier) => {
    const problem = importProblem(specifier, file, workspace);
    return problem === undefined ? [] : [`${file.path} imports ${specifier}: ${problem}`];
  });
}

function importProblem(
  specifier: string,
  file: SourceFile,
  workspace: Workspace,
): string | undefined {
  if (specifier.startsWith('.')) return relativeProblem(specifier, file);
  if (specifier.startsWith('node:')) {
    return workspace.name === 'core' && isProduct(file.path) ? 'core does no I/O' : undefined;
  }
  if (specifier.startsWith(scope)) return joineryProblem(specifier, file, workspace);
  const [first = '', second = ''] = specifier.split('/');
  const name = first.startsWith('@') ? `${first}/${second}` : first;
  if (!isProduct(file.path) || workspace.dependencies.includes(name)) return undefined;
  return `${name} is not among the dependencies of ${workspace.name}`;
}

function relativeProblem(specifier: string, file: SourceFile): string | undefined {
  const target = join(dirname(file.path), specifier);
  if (packageOf(target) !== packageOf(file.path)) return 'reaches into another package';
  return isProduct(file.path) && !target.startsWith(`packages/${packageOf(file.path)}/src/`)
    ? 'leaves src'
    : undefined;
}

function joineryProblem(
  specifier: string,
  file: SourceFile,
  workspace: Workspace,
): string | undefined {
  const [name = '', ...rest] = specifier.slice(scope.length).split('/');
  if (rest.length > 0) return 'a deep path; take it from the index';
  if (!isProduct(file.path)) return undefined;
  if (name === workspace.name) return 'its own index';
  if (!mayImport[workspace.name]?.includes(name)) return `not allowed for ${workspace.name}`;
  return workspace.dependencies.includes(scope + name)
    ? undefined
    : `not among the dependencies of ${workspace.name}`;
}

/** What is wrong with what one package declares; empty when nothing is. */
export function declarationProblems(workspace: Workspace): readonly string[] {
  const { name, dependencies } = workspace;
  const allowed = mayImport[name];
  if (!allowed) return [`${name} has no level in the table`];
  const joinery = dependencies.filter((each) => each.startsWith(scope));
  const problems = joinery
    .map((each) => each.slice(scope.length))
    .filter((each) => !allowed.includes(each))
    .map((each) => `${name} may not depend on ${each}`);
  if (dependencies.includes(`${scope}testing`) && !unpublished.has(name)) {
    problems.push(`${name} depends on testing at run time`);
  }
  if (workspace.exports.some((entry) => entry !== '.')) problems.push(`${name} exports deep paths`);
  return problems;
}

/** The patterns with which the linter refuses what this table refuses, so that an editor says it at once. */
export function forbiddenPatterns(name: string): readonly string[] {
  const forbidden = Object.keys(mayImport).filter((each) => !mayImport[name]?.includes(each));
  return [...forbidden.map((each) => scope + each), `${scope}*/*`];
}
