import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkNode, isInstalled } from '../scripts/ensure-install.mjs';
import { ensureRedis, serverVersion } from '../scripts/ensure-redis.mjs';

const folders: string[] = [];

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'joinery-front-door-'));
  folders.push(folder);
  return folder;
}

function checkout(files: Readonly<Record<string, unknown>>): string {
  const root = scratch();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), JSON.stringify(content));
  }
  return root;
}

function fakeServer(folder: string, name: string, version: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `#!/bin/sh\necho "Server v=${version} sha=0"\n`, {
    mode: 0o755,
  });
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('what is installed', () => {
  const entry = { version: '1.0.0' };
  const lock = {
    packages: {
      '': {},
      'packages/kit': { version: '0.1.0' },
      'node_modules/@joinery/kit': { link: true },
      'node_modules/zod': entry,
      'node_modules/other-platform': { version: '1.0.0', optional: true },
    },
  };

  it('is missing without node_modules', () => {
    expect(isInstalled(checkout({ 'package-lock.json': lock }))).toBe(false);
  });

  it('is complete when every locked version is there; links and optional packages do not count', () => {
    const hidden = { packages: { 'node_modules/zod': entry } };
    const files = { 'package-lock.json': lock, 'node_modules/.package-lock.json': hidden };
    expect(isInstalled(checkout(files))).toBe(true);
  });

  it.each([{ 'node_modules/zod': { version: '1.0.1' } }, {}])(
    'is incomplete when a version differs or is missing: %o',
    (packages) => {
      const files = { 'package-lock.json': lock, 'node_modules/.package-lock.json': { packages } };
      expect(isInstalled(checkout(files))).toBe(false);
    },
  );

  it('needs a Node that is new enough', () => {
    for (const version of ['20.19.0', '20.20.2', '22.0.0']) checkNode(version);
    expect(() => {
      checkNode('20.18.9');
    }).toThrow('Joinery needs Node 20.19 or later; this is 20.18.9');
  });
});

describe('the lock file', () => {
  const lockPackage = z.looseObject({
    resolved: z.string().default(''),
    link: z.boolean().default(false),
    optionalDependencies: z.record(z.string(), z.string()).default({}),
  });
  const file = new URL('../package-lock.json', import.meta.url);
  const { packages } = z
    .object({ packages: z.record(z.string(), lockPackage) })
    .parse(JSON.parse(readFileSync(file, 'utf8')));

  it('names every package that other platforms need, else npm ci refuses it everywhere', () => {
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies }]) =>
      Object.keys(optionalDependencies).filter(
        (name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`],
      ),
    );
    expect(missing).toEqual([]);
  });

  it('names no place to download from but the workspaces themselves', () => {
    const places = Object.values(packages).filter((each) => !each.link && each.resolved !== '');
    expect(places).toEqual([]);
  });
});

describe('what Redis there is', () => {
  it.each([
    ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64', '7.0'],
    ['Valkey server v=8.1.1 sha=00000000:0', '8.1'],
    ['Redis server v=6.2.0 sha=0', '6.2'],
    ['Redis server v=6.0.16 sha=0', undefined],
    ['Redis server v=10.0.0 sha=0', '10.0'],
    ['not found', undefined],
  ])('is read from `%s`', (output, version) => {
    expect(serverVersion(output)).toBe(version);
  });

  it('is taken from the PATH, and an earlier unpacked one that works goes first', async () => {
    const root = scratch();
    const bin = join(root, 'bin');
    fakeServer(bin, 'redis-server', '7.2.1');
    const env = { PATH: bin };
    expect(await ensureRedis(root, { env })).toMatchObject({
      name: 'redis-server',
      version: '7.2',
    });
    fakeServer(join(root, '.joinery', 'bin'), 'redis-server', '8.0.0');
    expect(await ensureRedis(root, { env })).toMatchObject({ version: '8.0' });
    fakeServer(join(root, '.joinery', 'bin'), 'redis-server', 'broken');
    expect(await ensureRedis(root, { env })).toMatchObject({ version: '7.2' });
  });

  it('is Valkey where only that is, under the name that everybody asks for', async () => {
    const root = scratch();
    const bin = join(root, 'bin');
    fakeServer(bin, 'valkey-server', '8.1.0');
    const found = await ensureRedis(root, { env: { PATH: bin } });
    expect(found).toMatchObject({ name: 'valkey-server', version: '8.1' });
    const again = await ensureRedis(root, { env: { PATH: bin } });
    expect(again).toMatchObject({ name: 'redis-server', version: '8.1' });
  });

  it('is asked for in one line when there is none and nothing to install it with', async () => {
    const lines: string[] = [];
    const wish = ensureRedis(scratch(), { env: { PATH: '' }, say: (line) => lines.push(line) });
    await expect(wish).rejects.toThrow(/^Install Redis 6\.2 or later .*on the PATH\.$/);
    expect(lines).toHaveLength(1);
  });
});
