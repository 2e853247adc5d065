import { spawn } from 'node:child_process';

/**
 * Runs a command to its end. Resolves to its exit code and, unless `isShown`, its output; never rejects.
 * A command that does not exist ends with code 127, as in a shell.
 *
 * @param {readonly string[]} command
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, isShown?: boolean }} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function runCommand(command, { env = process.env, cwd, isShown = false } = {}) {
  const [file = '', ...args] = command;
  return new Promise((resolve) => {
    const stdio = isShown ? 'inherit' : ['ignore', 'pipe', 'pipe'];
    const child = spawn(file, args, { env, cwd, stdio });
    let output = '';
    child.stdout?.on('data', (chunk) => (output += chunk));
    child.stderr?.on('data', (chunk) => (output += chunk));
    child.on('error', (error) => resolve({ code: 127, output: `${file}: ${error.message}` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** How npm is called from a script: the npm that runs us, else the one on the PATH. */
export function npmCommand() {
  const running = process.env.npm_execpath;
  return running?.endsWith('.js') ? [process.execPath, running] : ['npm'];
}

/** Tells the user something, a line at a time. */
export function writeLine(line) {
  process.stdout.write(`${line}\n`);
}
