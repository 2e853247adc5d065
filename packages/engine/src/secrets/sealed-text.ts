import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
/** GCM's own size; a random one is good for 2^32 texts under one key. */
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Says how the rest is to be read: another way gets another one. */
const FORMAT = 'v1';

/** What texts are sealed with. */
export type SealingKey = Buffer;

/** The key that a configured secret stands for: of the right size, and of no use anywhere else. */
export function sealingKeyOf(secret: string): SealingKey {
  return Buffer.from(hkdfSync('sha256', secret, '', 'joinery stored secrets', KEY_BYTES));
}

/** Encrypts a text for one name: under another name it cannot be opened. */
export function sealText(key: SealingKey, name: string, text: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(name));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  const all = Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  return `${FORMAT}.${all.toString('base64')}`;
}

/** Null: sealed with another key, for another name, or changed since. */
export function openText(key: SealingKey, name: string, sealed: string): string | null {
  const [format, base64 = ''] = sealed.split('.');
  const all = Buffer.from(base64, 'base64');
  if (format !== FORMAT || all.length < NONCE_BYTES + TAG_BYTES) return null;
  const nonce = all.subarray(0, NONCE_BYTES);
  const tag = all.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES);
  const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(name))
    .setAuthTag(tag);
  try {
    const text = [decipher.update(all.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()];
    return Buffer.concat(text).toString('utf8');
  } catch {
    // Why it cannot be opened is not said: the authentication tag alone knows that something is wrong.
    return null;
  }
}
