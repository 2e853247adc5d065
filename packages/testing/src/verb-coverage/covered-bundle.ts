import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { z } from 'zod';
import { type Family } from '../simulator/definition-pool.ts';

const coverage = z.object({
  /** Seeds that broke a rule. */
  broken: z.array(z.string()),
  functions: z.array(
    z.object({
      functionName: z.string(),
      ranges: z.array(
        z.object({ startOffset: z.number(), endOffset: z.number(), count: z.number() }),
      ),
    }),
  ),
});

/** A program with all of its packages, and how V8 saw it played. */
export interface CoveredBundle extends z.infer<typeof coverage> {
  readonly text: string;
  /** JSON of the source map. */
  readonly map: string;
}

/** More than V8 has to tell of the whole program, bytes. */
const OUTPUT_LIMIT = 256 * 1024 * 1024;

/** Some of the packages that go into the bundle are CommonJS and ask for `require`. */
const BANNER =
  "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";

/** Bundles the simulator, plays so many seeds of each family in a process of its own, and reads what was executed. */
export async function playCovered(
  seeds: Readonly<Partial<Record<Family, number>>>,
): Promise<CoveredBundle> {
  const dir = await mkdtemp(join(tmpdir(), 'joinery-covered-'));
  try {
    const file = join(dir, 'src', 'program.mjs');
    await mkdir(join(dir, 'src'));
    await bundleAll(file);
    // The store reads its scripts from beside its sources.
    await symlink(pathOf('../../../store/lua'), join(dir, 'lua'));
    const args = [file, JSON.stringify(seeds)];
    const limits = { maxBuffer: OUTPUT_LIMIT };
    const { stdout } = await promisify(execFile)(process.execPath, args, limits);
    return {
      ...coverage.parse(JSON.parse(stdout)),
      text: await readFile(file, 'utf8'),
      map: await readFile(`${file}.map`, 'utf8'),
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** With everything that the packages hold, used or not. */
async function bundleAll(outfile: string): Promise<void> {
  await build({
    entryPoints: [pathOf('play-covered.ts')],
    outfile,
    bundle: true,
    treeShaking: false,
    sourcemap: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@joinery/source'],
    banner: { js: BANNER },
    logLevel: 'error',
  });
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
