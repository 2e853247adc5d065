import { build } from 'esbuild';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One file that starts a program with all of its packages. */
export interface BundledEntry extends AsyncDisposable {
  readonly file: string;
}

/** CommonJS has no `import.meta`. */
const BANNER =
  "const importMetaUrl = require('node:url').pathToFileURL(__filename).href; const importMetaResolve = undefined;";

/**
 * Runs the program from the compiled code that an earlier process has left, or leaves its own after a second, when the
 * program has done most kinds of work once. Written aside and renamed: a process may be killed at any time.
 */
const STARTER = `
const { existsSync, readFileSync, renameSync, writeFileSync } = require('node:fs');
const { Script } = require('node:vm');
const [program, compiled] = [__dirname + '/program.cjs', __dirname + '/program.compiled'];
const isCompiled = existsSync(compiled);
const text = '(function (require, __filename) {' + readFileSync(program, 'latin1') + '})';
const cache = isCompiled ? { cachedData: readFileSync(compiled) } : {};
const script = new Script(text, { filename: program, ...cache });
script.runInThisContext()(require, program);
if (!isCompiled) {
  setTimeout(() => {
    if (existsSync(compiled)) return;
    const own = compiled + process.pid;
    writeFileSync(own, script.createCachedData());
    renameSync(own, compiled);
  }, 1_000).unref();
}
`;

/**
 * Bundles a program from sources; it may not await at its top level. A process that loads a thousand files takes a second
 * and a half of a core to start, one that loads a bundle a quarter of a second, and one that finds it compiled a sixth:
 * what is killed three thousand times must be cheap.
 */
export async function bundleEntry(entry: URL): Promise<BundledEntry> {
  const dir = await mkdtemp(join(tmpdir(), 'joinery-bundle-'));
  await mkdir(join(dir, 'src'));
  const file = join(dir, 'src', 'start.cjs');
  await writeFile(file, STARTER);
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile: join(dir, 'src', 'program.cjs'),
    bundle: true,
    platform: 'node',
    // A script whose compiled code can be kept; Node 20 keeps none of modules.
    format: 'cjs',
    // One byte for each character: that is how the starter reads it.
    charset: 'ascii',
    target: 'node20',
    conditions: ['@joinery/source'],
    define: { 'import.meta.url': 'importMetaUrl', 'import.meta.resolve': 'importMetaResolve' },
    banner: { js: BANNER },
    logLevel: 'error',
  });
  // The store reads its scripts from beside its sources.
  await symlink(fileURLToPath(new URL('../../../store/lua', import.meta.url)), join(dir, 'lua'));
  return {
    file,
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  };
}
