import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npmCommand, runCommand } from './run-command.mjs';

const oldestNode = [20, 19];

/** Throws when this Node is too old to run Joinery, saying which would do. */
export function checkNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  throw new Error(`Joinery needs Node ${oldestNode.join('.')} or later; this is ${version}`);
}

/**
 * True when what is installed is what the lock file names. Compared by content, not by time: a checkout gives files new
 * times, and a needless `npm ci` costs a minute and pulls node_modules from under whoever is using it.
 */
export function isInstalled(root) {
  const installed = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  const locked = packagesOf(join(root, 'package-lock.json'));
  if (!installed || !locked) return false;
  return Object.entries(locked).every(
    ([path, entry]) =>
      !path.startsWith('node_modules/') ||
      entry.link ||
      entry.optional ||
      entry.devOptional ||
      entry.peer ||
      installed[path]?.version === entry.version,
  );
}

/** Installs the locked dependencies where they are missing. Throws with npm's output when that fails. */
export async function ensureInstall(root) {
  checkNode();
  if (isInstalled(root)) return 'present';
  const { code, output } = await runCommand([...npmCommand(), 'ci', '--loglevel=error'], {
    cwd: root,
  });
  if (code !== 0) throw new Error(`npm ci failed with ${code}:\n${output}`);
  return 'installed';
}

function packagesOf(file) {
  if (!existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}
