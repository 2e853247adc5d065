/** `npm start`: the example workflows, on a machine that may have nothing but Node. Arguments go to the example. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstall } from './ensure-install.mjs';
import { ensureRedis } from './ensure-redis.mjs';
import { runCommand, writeLine } from './run-command.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.exitCode = await main();

async function main() {
  let env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };
  try {
    await ensureInstall(root);
    if (!env.REDIS_URL) ({ env } = await ensureRedis(root, { env }));
  } catch (error) {
    writeLine(error.message);
    return 1;
  }
  const turbo = join(root, 'node_modules', '.bin', 'turbo');
  const built = await runCommand([turbo, 'run', 'build', '--output-logs=errors-only'], {
    env,
    cwd: root,
  });
  if (built.code !== 0) {
    writeLine(built.output);
    return built.code;
  }
  // A signal from the terminal reaches the whole group: the example stops by itself and we wait for it.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
  const example = join(root, 'packages', 'examples', 'dist', 'main.js');
  const { code } = await runCommand([process.execPath, example, ...process.argv.slice(2)], {
    env,
    cwd: root,
    isShown: true,
  });
  return code;
}
