import { joineryError } from '@joinery/core';
import { z } from 'zod';
import { type Api } from '../api.ts';
import { principalOfKey } from '../auth/api-key.ts';
import { type AccessRules } from '../auth/access.ts';

const TAGS = ['token'];

/** Conductor's way in: a key is shown once, and a token goes with every request from then on. */
export function addTokenRoutes(api: Api, { keys, tokens }: AccessRules): void {
  const body = z.object({ keyId: z.string(), keySecret: z.string() });
  api.post('/api/token', { schema: { tags: TAGS, body } }, async ({ body: shown }) => {
    const principal = principalOfKey(keys, shown.keyId, shown.keySecret);
    if (principal === null) {
      throw joineryError('JN_AUTH_MISSING', { problem: 'there is no such key' });
    }
    return { token: await tokens.issue(principal) };
  });
  api.get('/api/token/userInfo', { schema: { tags: TAGS } }, async ({ principal }) => ({
    id: principal?.id ?? 'anonymous',
    name: principal?.id ?? 'anonymous',
    roles: [{ name: principal?.role ?? 'admin' }],
  }));
}
