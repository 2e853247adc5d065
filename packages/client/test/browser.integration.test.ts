import { build } from 'esbuild';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { expect, it } from 'vitest';

const entry = fileURLToPath(new URL('../src/index.ts', import.meta.url));

/** The client with everything that it stands on, as a page would load it. A module of Node would not be found. */
async function bundle(): Promise<string> {
  const { outputFiles, warnings } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'iife',
    globalName: 'joinery',
    conditions: ['@joinery/source'],
    logLevel: 'silent',
  });
  expect(warnings).toEqual([]);
  return outputFiles.map(({ text }) => text).join('\n');
}

it('the client and all that it stands on runs where there is nothing of Node', async () => {
  const asked: unknown[] = [];
  const answer = { ok: true, status: 200, headers: new Headers(), text: async () => '00-abcdefgh' };
  const fetch = async (url: URL, init: { readonly method: string }): Promise<unknown> => {
    asked.push([init.method, url.href]);
    return answer;
  };
  const page = createContext({ fetch, URL, URLSearchParams, TextEncoder, TextDecoder });
  runInContext(await bundle(), page);
  const script = `joinery.createClient({ url: 'http://here' }).start({ name: 'x' })`;
  expect(await runInContext(script, page)).toBe('00-abcdefgh');
  expect(asked).toEqual([['POST', 'http://here/api/workflow']]);
});
