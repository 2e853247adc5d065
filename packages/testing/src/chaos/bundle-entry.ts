import { build } from 'esbuild';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One file that holds a program with all of its packages. */
export interface BundledEntry extends AsyncDisposable {
  readonly file: string;
}

/** Some of the packages that go into the bundle are CommonJS and ask for `require`. */
const BANNER =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";

/**
 * Bundles a program from sources. A process that loads a thousand files takes a second and a half of a core to start,
 * one that loads a bundle a quarter of a second: what is killed sixty times must be cheap.
 */
export async function bundleEntry(entry: URL): Promise<BundledEntry> {
  const dir = await mkdtemp(join(tmpdir(), 'joinery-bundle-'));
  const file = join(dir, 'src', 'entry.mjs');
  await build({
    entryPoints: [fileURLToPath(entry)],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@joinery/source'],
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
