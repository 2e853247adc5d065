/**
 * Makes sure that there is a redis-server of 6.2 or later. What is missing is installed: with the system's package manager
 * where we may, else unpacked under .joinery/, which needs no rights and leaves nothing elsewhere.
 */
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { runCommand, writeLine } from './run-command.mjs';

const oldest = [6, 2];
const advice =
  'Install Redis 6.2 or later (https://redis.io/docs/install) so that redis-server is on the PATH.';

/**
 * Finds or installs a server. Resolves to its version, how it was come by, and an environment in which `redis-server`
 * is found. Throws with one line of advice when there is none to be had.
 */
export async function ensureRedis(root, { env = process.env, say = writeLine } = {}) {
  const local = join(root, '.joinery', 'bin');
  const withLocal = { ...env, PATH: [local, env.PATH ?? ''].join(delimiter) };
  await forgetBrokenLauncher(local, withLocal);
  const present = await findServer(withLocal, local);
  if (present) return { ...present, env: withLocal };
  say(
    'redis-server 6.2 or later not found: installing it (apt, brew, or unpacked under .joinery/)',
  );
  const failures = [];
  for (const install of [installWithApt, unpackWithApt, installWithBrew]) {
    const failure = await install(root, withLocal);
    if (failure !== undefined) failures.push(failure);
    const found = await findServer(withLocal, local);
    if (found) return { ...found, env: withLocal };
  }
  throw new Error([advice, ...failures.filter(Boolean)].join('\n'));
}

/** The version that `redis-server --version` or `valkey-server --version` speaks of, if it will do. */
export function serverVersion(output) {
  const [, major, minor] = /\bv=(\d+)\.(\d+)/.exec(output) ?? [];
  if (major === undefined) return undefined;
  const isEnough =
    Number(major) > oldest[0] || (Number(major) === oldest[0] && Number(minor) >= oldest[1]);
  return isEnough ? `${major}.${minor}` : undefined;
}

async function findServer(env, local) {
  for (const name of ['redis-server', 'valkey-server']) {
    const { code, output } = await runCommand([name, '--version'], { env });
    const version = code === 0 ? serverVersion(output) : undefined;
    if (!version) continue;
    // Everybody else asks for redis-server, so a valkey-server gets that name here.
    if (name === 'valkey-server') writeLauncher(local, 'exec valkey-server "$@"');
    return { name, version };
  }
  return undefined;
}

/** What an earlier run left must not hide a server that was installed or removed since. */
async function forgetBrokenLauncher(local, env) {
  const launcher = join(local, 'redis-server');
  if (!existsSync(launcher)) return;
  const { output } = await runCommand([launcher, '--version'], { env });
  if (!serverVersion(output)) rmSync(launcher);
}

async function installWithApt(_root, env) {
  if (process.getuid?.() !== 0 || !(await isCommand('apt-get', env))) return undefined;
  const quiet = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' } };
  await runCommand(['apt-get', 'update', '-qq'], quiet);
  const install = ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'redis-server'];
  const { code, output } = await runCommand(install, quiet);
  return code === 0 ? undefined : `apt-get install failed: ${output.trim()}`;
}

/** apt with lists and cache of its own: it needs no root, and dpkg -x runs no package script. */
async function unpackWithApt(root, env) {
  if (!(await isCommand('apt-get', env)) || !(await isCommand('dpkg', env))) return undefined;
  const base = join(root, '.joinery', 'redis');
  rmSync(base, { recursive: true, force: true });
  for (const folder of ['lists/partial', 'cache/archives/partial', 'debs', 'files']) {
    mkdirSync(join(base, folder), { recursive: true });
  }
  const own = [`Dir::State::lists=${base}/lists`, `Dir::Cache=${base}/cache`];
  const options = [...own, 'Debug::NoLocking=1', 'APT::Sandbox::User='];
  const apt = ['apt-get', '-qq', ...options.flatMap((option) => ['-o', option])];
  await runCommand([...apt, 'update'], { env });
  // --reinstall: also what the system has, should it be where the PATH does not lead. redis-tools holds the binary.
  const install = ['install', '--print-uris', '--reinstall', '-y', '--no-install-recommends'];
  const wanted = [...install, 'redis-server', 'redis-tools'];
  const { output } = await runCommand([...apt, ...wanted], { env });
  const names = [...output.matchAll(/^'\S+' ([^_\s]+)_\S+\.deb /gm)].map((match) => match[1]);
  if (names.length === 0) return `apt-get finds no redis-server: ${output.trim()}`;
  const cwd = join(base, 'debs');
  const fetched = await runCommand([...apt, 'download', ...names], { env, cwd });
  if (fetched.code !== 0) return `apt-get download failed: ${fetched.output.trim()}`;
  for (const deb of readdirSync(cwd)) {
    await runCommand(['dpkg', '-x', join(cwd, deb), join(base, 'files')], { env });
  }
  return launchUnpacked(root, join(base, 'files'));
}

function launchUnpacked(root, files) {
  if (!existsSync(join(files, 'usr/bin'))) return 'the package holds no usr/bin';
  const libraries = ['usr/lib', 'lib']
    .flatMap((folder) => withSubfolders(join(files, folder)))
    .filter((folder) => existsSync(folder));
  writeLauncher(
    join(root, '.joinery', 'bin'),
    `LD_LIBRARY_PATH="${libraries.join(':')}:$LD_LIBRARY_PATH" exec "${files}/usr/bin/redis-server" "$@"`,
  );
  return undefined;
}

async function installWithBrew(_root, env) {
  if (process.platform !== 'darwin' || !(await isCommand('brew', env))) return undefined;
  const { code, output } = await runCommand(['brew', 'install', '--quiet', 'redis'], { env });
  return code === 0 ? undefined : `brew install failed: ${output.trim()}`;
}

async function isCommand(name, env) {
  return (await runCommand([name, '--version'], { env })).code === 0;
}

/** The launcher execs, so that the pid one starts is the server's and a signal reaches it. */
function writeLauncher(folder, line) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'redis-server');
  writeFileSync(file, `#!/bin/sh\n${line}\n`);
  chmodSync(file, 0o755);
}

/** Debian keeps libraries one level down, in a folder named for the machine. */
function withSubfolders(folder) {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return [folder].concat(names.map((name) => join(folder, name)));
}
