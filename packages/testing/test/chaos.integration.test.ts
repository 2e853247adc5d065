import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BundledEntry } from '../src/chaos/bundle-entry.ts';
import { bundleRole } from '../src/chaos/process-fleet.ts';
import { play, VALID } from './chaos.fixture.ts';

let bundle: BundledEntry;
beforeAll(async () => {
  bundle = await bundleRole();
});
afterAll(() => bundle[Symbol.asyncDispose]());

test.each([
  ['C1', 'any process is killed'],
  ['R1', 'Redis is killed'],
  ['R9', 'every queue is deleted'],
  ['K5', 'there is no lock'],
])('%s: every run completes as computed when %s', { timeout: 180_000 }, async (id) => {
  expect(await play(id, bundle)).toMatchObject(VALID);
});
