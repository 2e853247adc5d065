/**
 * `npm test`: everything that is fast, on a machine that may have nothing but Node. `--full`: the slow tests.
 * Other arguments go to vitest, for example a path. Exit code 0 only if everything passed.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstall } from './ensure-install.mjs';
import { ensureRedis } from './ensure-redis.mjs';
import { runCommand, writeLine } from './run-command.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const report = join(root, '.joinery', 'test-report.json');
const isFull = process.argv.includes('--full');
const vitestArgs = process.argv.slice(2).filter((arg) => arg !== '--full');
const bin = (name) => join(root, 'node_modules', '.bin', name);

const checks = [
  ['types', [bin('tsc'), '-p', 'tsconfig.check.json']],
  ['lint', [bin('oxlint')]],
  ['format', [bin('oxfmt'), '--check', 'packages', 'scripts', 'test', 'vitest.config.ts']],
  ['lua format', [bin('stylua'), '--check', ...luaFiles()]],
];

process.exitCode = (await main()) ? 0 : 1;

async function main() {
  const counts = { passed: 0, failed: 0 };
  const env = await prepare();
  if (!env) counts.failed += 1;
  else {
    const isBuilt = await step(
      'build',
      [bin('turbo'), 'run', 'build', '--output-logs=errors-only'],
      env,
    );
    if (!isBuilt) counts.failed += 1;
    for (const [name, command] of isFull ? [] : checks) {
      if (!(await step(name, command, env))) counts.failed += 1;
    }
    if (isBuilt || !isFull) await runTests(env, counts);
  }
  writeLine(`${counts.passed} passed, ${counts.failed} failed`);
  return counts.failed === 0;
}

/** Installs what is missing; answers the environment for everything after it, or undefined. */
async function prepare() {
  try {
    const startedAt = Date.now();
    progress('install', startedAt, await ensureInstall(root));
    const redis = await ensureRedis(root, { env: cleanEnv() });
    progress('redis', startedAt, `${redis.name} ${redis.version}`);
    return redis.env;
  } catch (error) {
    writeLine(`prepare FAILED\n${error.message}`);
    return undefined;
  }
}

/** Tests start their own Redis and choose their own configuration: nothing of the caller's may leak into them. */
function cleanEnv() {
  const foreign = /^(REDIS_URL|PORT|LOG_LEVEL|UPDATE_DOCS|JOINERY_.*)$/;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(kept), TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
}

async function step(name, command, env) {
  const startedAt = Date.now();
  const { code, output } = await runCommand(command, { env, cwd: root });
  progress(name, startedAt, code === 0 ? 'ok' : `FAILED\n${output}`);
  return code === 0;
}

async function runTests(env, counts) {
  const startedAt = Date.now();
  mkdirSync(dirname(report), { recursive: true });
  rmSync(report, { force: true });
  const names = isFull ? ['full', 'lock-*'] : ['unit', 'integration'];
  const projects = names.map((name) => `--project=${name}`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const command = [
    bin('vitest'),
    'run',
    '--passWithNoTests',
    ...projects,
    ...reporters,
    ...vitestArgs,
  ];
  const { code } = await runCommand(command, { env, cwd: root, isShown: true });
  const tests = readReport();
  counts.passed += tests.passed;
  // Vitest may fail without a failed test (a file that does not load, an error after the end).
  counts.failed += Math.max(tests.failed, code === 0 ? 0 : 1);
  progress(isFull ? 'full tests' : 'tests', startedAt, code === 0 ? 'ok' : 'FAILED');
  for (const name of tests.failures) writeLine(`failed: ${name}`);
}

function readReport() {
  try {
    const { numPassedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
    const failures = testResults.flatMap(failuresOf);
    return { passed: numPassedTests, failed: failures.length, failures };
  } catch {
    return { passed: 0, failed: 1, failures: ['there is no report of the tests'] };
  }
}

/** The failed tests of a file by name; the file itself where it failed without one (it did not load, a hook threw). */
function failuresOf({ name, status, assertionResults }) {
  const file = relative(root, name);
  const tests = assertionResults.filter((test) => test.status === 'failed');
  if (tests.length === 0) return status === 'failed' ? [file] : [];
  return tests.map((test) => `${file} > ${test.fullName}`);
}

function luaFiles() {
  const folder = join(root, 'packages', 'store', 'lua');
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.lua'))
    .map((name) => relative(root, join(folder, name)));
}

function progress(name, startedAt, outcome) {
  writeLine(`${name} ${((Date.now() - startedAt) / 1000).toFixed(1)}s ${outcome}`);
}
