import { createRecordingLogger, createSeededEntropy } from '@joinery/kit';
import { createMemoryAgenda } from '@joinery/store';
import { describe, expect, it } from 'vitest';
import { sealingKeyOf } from './sealed-text.ts';
import { createSecretVault } from './secret-vault.ts';

const key = sealingKeyOf('a secret of thirty-two characters');

function shared() {
  return {
    documents: createMemoryAgenda({ now: () => 0 }),
    entropy: createSeededEntropy(1),
    logger: createRecordingLogger(),
    fixed: new Map([['ENV', 'from outside']]),
    key,
  };
}

describe('a vault', () => {
  it('hands out what was stored at once, and keeps it sealed', async () => {
    const parts = shared();
    const vault = createSecretVault(parts);
    await vault.put('DB', 'password');
    expect([vault.lookup('DB'), vault.lookup('ENV'), vault.lookup('NONE')]).toEqual([
      'password',
      'from outside',
      undefined,
    ]);
    expect(await vault.names()).toEqual(['DB', 'ENV']);
    expect(JSON.stringify(await parts.documents.list(''))).not.toContain('password');
    expect(await vault.remove('DB')).toBe(true);
    expect(await vault.remove('DB')).toBe(false);
    expect(vault.lookup('DB')).toBeUndefined();
  });

  it('opens what another process has stored', async () => {
    const parts = shared();
    await createSecretVault(parts).put('DB', 'password');
    const other = createSecretVault(parts);
    await other.start();
    expect(other.lookup('DB')).toBe('password');
    await other.stop();
  });

  it('changes no variable of the environment, and stores nothing without a key', async () => {
    const parts = shared();
    const refused = { code: 'JN_SECRET_READ_ONLY' };
    await expect(createSecretVault(parts).put('ENV', 'x')).rejects.toMatchObject(refused);
    await expect(createSecretVault(parts).remove('ENV')).rejects.toMatchObject(refused);
    const keyless = createSecretVault({ ...parts, key: null });
    await expect(keyless.put('DB', 'x')).rejects.toMatchObject(refused);
    expect(await parts.documents.list('')).toEqual([]);
  });

  it('says once that a secret was sealed with another key, and hands out the others', async () => {
    const parts = shared();
    await createSecretVault(parts).put('OLD', 'x');
    const vault = createSecretVault({ ...parts, key: sealingKeyOf('b'.repeat(32)) });
    await vault.put('NEW', 'password');
    await vault.put('NEWER', 'y');
    expect([vault.lookup('OLD'), vault.lookup('NEW')]).toEqual([undefined, 'password']);
    expect(parts.logger.events()).toEqual(['secret.unreadable']);
    expect(JSON.stringify(parts.logger.lines)).not.toContain('password');
  });
});
